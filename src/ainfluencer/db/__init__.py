"""Base class, column types, sessions and migrations. Knows no table of the product."""
