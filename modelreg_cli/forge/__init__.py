"""GitHub, GitLab, Forgejo: where changes are proposed and approved."""
