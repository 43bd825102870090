"""The parts of GitLab's and Forgejo's interfaces that the program uses, from their documentation.

GitLab: https://docs.gitlab.com/api/merge_requests/, /merge_request_approvals/, /notes/, /commits/, /users/.
Forgejo and Gitea: their descriptions at /api/swagger (PullRequest, PullReview, User, CommitStatus, CreateStatusOption).
"""

from typing import Any

Schema = dict[str, Any]


def _null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(*required: str, **fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(required)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/schemas/{name}"}


def _many(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _get(id_: str, answer: Schema, **query: Schema) -> Schema:
    return {"get": {"id": id_, "query": query, "body": None, "answers": {"200": answer}}}


def _send(method: str, id_: str, body: Schema, answer: Schema, status: str) -> Schema:
    return {method: {"id": id_, "query": {}, "body": body, "answers": {status: answer}}}


def _one_of(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
YES: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T"}
COMMIT: Schema = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
BY_PAGE = {"page": NUMBER, "per_page": {"type": "integer", "maximum": 100}}
BY_LIMIT = {"page": NUMBER, "limit": NUMBER}

GITLAB: dict[str, Any] = {
    "paths": {
        "/projects/{id}/merge_requests": {
            **_get(
                "list merge requests", _many("MergeRequest"), **BY_PAGE, state=_one_of("opened", "closed", "locked", "merged"),
                scope=_one_of("created_by_me", "assigned_to_me", "all"), order_by=_one_of("created_at", "title", "updated_at"),
                sort=_one_of("asc", "desc"), source_branch=TEXT, target_branch=TEXT,
            ),
            **_send(
                "post", "create a merge request", _object(
                    "source_branch", "target_branch", "title", source_branch=TEXT, target_branch=TEXT, title=TEXT, description=TEXT
                ), _ref("MergeRequest"), "201",
            ),
        },
        "/projects/{id}/merge_requests/{iid}": {
            **_get("get a merge request", _ref("MergeRequest")),
            **_send("put", "update a merge request", _object(description=TEXT, title=TEXT), _ref("MergeRequest"), "200"),
        },
        "/projects/{id}/merge_requests/{iid}/approvals": _get("approvals", _object("approved_by", approved_by=_many("Approval"))),
        "/projects/{id}/merge_requests/{iid}/versions": _get("versions", _many("Version"), **BY_PAGE),
        "/projects/{id}/merge_requests/{iid}/reviewers": _get("reviewers", _many("Reviewer"), **BY_PAGE),
        "/projects/{id}/merge_requests/{iid}/notes": _get(
            "notes", _many("Note"), **BY_PAGE, sort=_one_of("asc", "desc"), order_by=_one_of("created_at", "updated_at")
        ),
        "/projects/{id}/repository/commits/{sha}/statuses": _get(
            "statuses of a commit", _many("Status"), **BY_PAGE, name=TEXT, all=_one_of("true", "false"), ref=TEXT, stage=TEXT
        ),
        "/projects/{id}/repository/commits/{sha}/merge_requests": _get("merge requests of a commit", _many("MergeRequest"), **BY_PAGE),
        "/projects/{id}/statuses/{sha}": _send(
            "post", "set the status of a commit", _object(
                "state", state=_one_of("pending", "running", "success", "failed", "canceled", "skipped"), name=TEXT, target_url=TEXT,
                description={"type": "string", "maxLength": 255}, ref=TEXT, context=TEXT,
            ), _ref("Status"), "201",
        ),
        "/users/{id}": _get("get a user", _object("id", "username", "bot", id=NUMBER, username=TEXT, bot=YES, state=TEXT)),
    },
    "schemas": {
        "User": _object("id", "username", "name", "state", "web_url", id=NUMBER, username=TEXT, name=TEXT, state=TEXT, web_url=TEXT),
        "MergeRequest": _object(
            "id", "iid", "web_url", "author", "sha", "target_branch", "source_branch", "state", "description", "title",
            id=NUMBER, iid=NUMBER, web_url=TEXT, author=_ref("User"), sha=_null(COMMIT), target_branch=TEXT, source_branch=TEXT,
            state=_one_of("opened", "closed", "locked", "merged"), description=_null(TEXT), title=TEXT,
            merge_commit_sha=_null(COMMIT), squash_commit_sha=_null(COMMIT),
        ),
        "Approval": _object("user", user=_ref("User"), approved_at=TIME),
        "Version": _object(
            "id", "head_commit_sha", "created_at", "merge_request_id", "state",
            id=NUMBER, head_commit_sha=COMMIT, base_commit_sha=COMMIT, created_at=TIME, merge_request_id=NUMBER, state=TEXT,
        ),
        "Reviewer": _object(
            "user", "state", "created_at", user=_ref("User"), created_at=TIME,
            state=_one_of("unreviewed", "reviewed", "requested_changes", "approved", "unapproved", "review_started"),
        ),
        "Note": _object(
            "id", "body", "author", "created_at", "system",
            id=NUMBER, body=TEXT, author=_ref("User"), created_at=TIME, updated_at=TIME, system=YES, noteable_iid=NUMBER,
        ),
        "Status": _object(
            "id", "sha", "status", "name", "description", "target_url",
            id=NUMBER, sha=COMMIT, name=TEXT, description=_null(TEXT), target_url=_null(TEXT),
            status=_one_of("pending", "running", "success", "failed", "canceled", "skipped"),
        ),
    },
}  # fmt: skip

FORGEJO: dict[str, Any] = {
    "paths": {
        "/repos/{owner}/{repo}/pulls": {
            **_get(
                "repoListPullRequests", _many("PullRequest"), **BY_LIMIT, state=_one_of("open", "closed", "all"),
                sort=_one_of("oldest", "recentupdate", "recentclose", "leastupdate", "mostcomment", "leastcomment", "priority"),
            ),
            **_send(
                "post", "repoCreatePullRequest", _object(title=TEXT, head=TEXT, base=TEXT, body=TEXT), _ref("PullRequest"), "201"
            ),
        },
        "/repos/{owner}/{repo}/pulls/{index}": {
            **_get("repoGetPullRequest", _ref("PullRequest")),
            **_send("patch", "repoEditPullRequest", _object(title=TEXT, body=TEXT), _ref("PullRequest"), "201"),
        },
        "/repos/{owner}/{repo}/pulls/{index}/reviews": _get("repoListPullReviews", _many("PullReview"), **BY_LIMIT),
        "/repos/{owner}/{repo}/commits/{sha}/pull": _get("repoGetCommitPullRequest", _ref("PullRequest")),
        "/repos/{owner}/{repo}/commits/{ref}/statuses": _get(
            "repoListStatusesByRef", _many("CommitStatus"), **BY_LIMIT,
            sort=_one_of("oldest", "recentupdate", "leastupdate", "leastindex", "highestindex"),
            state=_one_of("pending", "success", "error", "failure", "warning"),
        ),
        "/repos/{owner}/{repo}/statuses/{sha}": _send(
            "post", "repoCreateStatus", _object(
                context=TEXT, description=TEXT, target_url=TEXT, state=_one_of("pending", "success", "error", "failure", "warning")
            ), _ref("CommitStatus"), "201",
        ),
    },
    "schemas": {
        "User": _object("id", "login", id=NUMBER, login=TEXT, full_name=TEXT),
        "PRBranchInfo": _object("label", "ref", "sha", label=TEXT, ref=TEXT, sha=TEXT, repo=_null(_object("full_name", full_name=TEXT))),
        "PullRequest": _object(
            "id", "number", "html_url", "state", "user", "head", "base", "body", "title", "merged",
            id=NUMBER, number=NUMBER, html_url=TEXT, state=_one_of("open", "closed"), user=_ref("User"), head=_ref("PRBranchInfo"),
            base=_ref("PRBranchInfo"), body=TEXT, title=TEXT, merged=YES, merged_at=_null(TIME), merge_commit_sha=_null(TEXT),
        ),
        "PullReview": _object(
            "id", "state", "commit_id", "stale", "official", "dismissed", "submitted_at", "user",
            id=NUMBER, user=_null(_ref("User")), team=_null({"type": "object"}), commit_id=TEXT, stale=YES, official=YES, dismissed=YES,
            state=_one_of("APPROVED", "PENDING", "COMMENT", "REQUEST_CHANGES", "REQUEST_REVIEW", ""), submitted_at=TIME, body=TEXT,
        ),
        "CommitStatus": _object(
            "id", "status", "context", "description", "target_url",
            id=NUMBER, context=TEXT, description=TEXT, target_url=TEXT,
            status=_one_of("pending", "success", "error", "failure", "warning"),
        ),
    },
}  # fmt: skip

INTERFACES = {"gitlab": GITLAB, "forgejo": FORGEJO}
