import assistant.models
import django.db.models.deletion
from core.sql.postgresql.policies import protect
from django.conf import settings
from django.db import migrations, models

# Their own conversation, and nobody else's of the same number.
FORWARDS = """
    ALTER TABLE {0} ADD CONSTRAINT {0}_conversation FOREIGN KEY (user_id, conversation_id)
    REFERENCES assistant_conversation (user_id, id) DEFERRABLE INITIALLY DEFERRED
"""
BACKWARDS = "ALTER TABLE {0} DROP CONSTRAINT {0}_conversation"


def run(sql):
    """For PostgreSQL alone: SQLite takes no constraint after the table, Django no key of two columns."""

    def execute(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for table in ("assistant_message", "assistant_pendingaction"):
                schema_editor.execute(sql.format(table))

    return execute


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('pk', models.CompositePrimaryKey('user_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField()),
                ('title', models.CharField(max_length=80)),
                ('shown', assistant.models.JSONTextField(default=list)),
                ('message_count', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('pk', models.CompositePrimaryKey('user_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField()),
                ('conversation_id', models.BigIntegerField()),
                ('role', models.CharField(choices=[('user', 'Person'), ('assistant', 'Assistant')], max_length=9)),
                ('content', models.TextField()),
                ('tool_calls', assistant.models.JSONTextField(default=list)),
                ('provider', models.CharField(default='', max_length=200)),
                ('exchange', assistant.models.JSONTextField(default=list)),
                ('tokens', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'conversation_id', 'id'], name='assistant_message_of')],
            },
        ),
        migrations.CreateModel(
            name='PendingAction',
            fields=[
                ('pk', models.CompositePrimaryKey('user_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField()),
                ('conversation_id', models.BigIntegerField()),
                ('changes', assistant.models.JSONTextField()),
                ('summary', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='assistant_pending_expires')],
                'constraints': [models.UniqueConstraint(fields=('user', 'conversation_id'), name='assistant_pending_one')],
            },
        ),
        migrations.CreateModel(
            name='TokenUse',
            fields=[
                ('pk', models.CompositePrimaryKey('user_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('tokens', models.PositiveIntegerField()),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['day'], name='assistant_tokenuse_day')],
            },
        ),
        migrations.RunPython(run(FORWARDS), run(BACKWARDS)),
        protect("assistant_conversation", "assistant_message", "assistant_pendingaction", "assistant_tokenuse"),
    ]
