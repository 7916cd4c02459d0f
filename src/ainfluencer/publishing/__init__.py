"""What goes out: posts, their variants for each channel, approvals, deliveries that happen once, and receipts."""
