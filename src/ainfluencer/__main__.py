"""`python -m ainfluencer` is the command line."""

from ainfluencer.cli import main

if __name__ == "__main__":
    main()
