"""What every JSON answer has in common: problems, pages, limits, repeats. Refuses to know what is asked about."""
