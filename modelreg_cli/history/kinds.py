"""Words and numbers of history.db that readers need: nothing else is imported to ask it."""

#: Raised with every change that could break a reader's query.
SCHEMA_VERSION = 2
#: "mreh", so that `file` and we can tell a history from an index.
APPLICATION_ID = 0x6D726568

#: What happened to a file, or was found of it.
KINDS = {
    "created": "the file is new",
    "removed": "the file is gone",
    "renamed": "the file was moved, its content nearly the same (90 %): before and after are the names",
    "changed": "one value is another",
    "audited": "`modelreg audit` asked whether a protected tag had been earned",
    "unreadable": "the file is no plain YAML any more: after says why",
}
#: What a change means.
CLASSES = {
    "price": "what it costs now: a new entry of `prices`, by meter",
    "correction": "what it is said to have cost: an older entry of `prices` was edited, added or removed",
    "status": "active, deprecated, disabled, maintenance, retired",
    "deprecation": "an announced end",
    "license": "a licence, or the terms of one",
    "limits": "context, output, requests a minute",
    "result": "a benchmark result, added or (against the rule) edited or removed",
    "tag": "a tag is worn (after) or taken off (before)",
    "serves": "a floating name means another version",
    "default": "a model's default version",
    "alias": "another name",
    "proven": "of an audit: it had been earned",
    "unproven": "of an audit: nothing here says that it had been earned",
    "refuted": "of an audit: it had not been earned",
    "other": "everything else",
}
