"""Tools of the yard: the launcher, the asset build, the task runner, the reference pages."""
