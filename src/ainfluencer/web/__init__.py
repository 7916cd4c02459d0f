"""The design system: layout, macros, styles, behaviours, render and swap. No domain word."""
