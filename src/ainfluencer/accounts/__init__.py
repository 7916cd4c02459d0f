"""Users, workspaces, roles, keys and the audit trail. Refuses to know what a workspace is used for."""
