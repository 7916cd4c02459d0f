"""From any card or lorebook to any other form; before anything is lost, a report says what."""
