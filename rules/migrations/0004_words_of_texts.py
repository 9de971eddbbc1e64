from django.db import migrations

TRIGGERS = [
    """
    CREATE TRIGGER IF NOT EXISTS rules_rule_text_added AFTER INSERT ON rules_rule BEGIN
        INSERT INTO rules_rule_text (rowid, name, section, content)
        VALUES (new.id, new.name, new.section, new.content);
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS rules_rule_text_deleted AFTER DELETE ON rules_rule BEGIN
        INSERT INTO rules_rule_text (rules_rule_text, rowid, name, section, content)
        VALUES ('delete', old.id, old.name, old.section, old.content);
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS rules_rule_text_changed
    AFTER UPDATE OF name, section, content ON rules_rule BEGIN
        INSERT INTO rules_rule_text (rules_rule_text, rowid, name, section, content)
        VALUES ('delete', old.id, old.name, old.section, old.content);
        INSERT INTO rules_rule_text (rowid, name, section, content)
        VALUES (new.id, new.name, new.section, new.content);
    END
    """,
]
FORWARD = {
    "sqlite": [
        """
        CREATE VIRTUAL TABLE IF NOT EXISTS rules_rule_text USING fts5 (
            name, section, content, content=rules_rule, content_rowid=id,
            tokenize='unicode61 remove_diacritics 2', prefix='3 4'
        )
        """,
        *TRIGGERS,
        "INSERT INTO rules_rule_text (rules_rule_text) VALUES ('rebuild')",
    ],
    "mysql": [
        "SET SESSION innodb_ft_enable_stopword = OFF",  # "the" is looked for like any word
        "CREATE FULLTEXT INDEX rules_rule_text ON rules_rule (words)",
        "SET SESSION innodb_ft_enable_stopword = DEFAULT",
    ],
}
BACKWARD = {
    "sqlite": [
        "DROP TRIGGER rules_rule_text_added",
        "DROP TRIGGER rules_rule_text_deleted",
        "DROP TRIGGER rules_rule_text_changed",
        "DROP TABLE rules_rule_text",
    ],
    "mysql": ["DROP INDEX rules_rule_text ON rules_rule"],
}


def index(apps, schema_editor):
    for statement in FORWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def forget(apps, schema_editor):
    for statement in BACKWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    atomic = False  # MariaDB has no transaction for this
    dependencies = [
        ("rules", "0003_rules_are_found_fast"),
    ]

    operations = [
        migrations.RunPython(index, forget),
    ]
