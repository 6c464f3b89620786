"""Routing's tables, and the wrap-up code that the system sets when an agent's time for it is over."""

import contactcenter.kernel.ids
import datetime
import django.core.validators
import django.db.models.deletion
import routing.models.canned
from django.conf import settings
from django.db import migrations, models


def make_timeout_code(apps, schema_editor):
    codes = apps.get_model("routing", "WrapUpCode").objects.using(schema_editor.connection.alias)
    codes.get_or_create(is_timeout=True, defaults={"name": "Timed out"})


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('agents', '0001_initial'),
        ('channels_app', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Queue',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('description', models.CharField(blank=True, max_length=300, verbose_name='description')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('alert_timeout', models.DurationField(default=datetime.timedelta(seconds=30), help_text='How long an offer alerts. Then the agent becomes Not responding and it returns to the queue.', validators=[django.core.validators.MinValueValidator(datetime.timedelta(seconds=7)), django.core.validators.MaxValueValidator(datetime.timedelta(seconds=900))], verbose_name='alert time')),
                ('auto_answer', models.BooleanField(default=False, help_text='Offers are accepted by themselves.', verbose_name='auto-answer')),
                ('manual_pick', models.BooleanField(default=True, help_text='Members may pick waiting conversations themselves.', verbose_name='manual pick')),
                ('last_agent', models.CharField(choices=[('any', 'The last agent, whatever their queues and skills'), ('members', 'The last agent, if member and skilled'), ('disabled', 'Off')], default='members', max_length=10, verbose_name='last agent')),
                ('last_agent_wait', models.DurationField(default=datetime.timedelta(seconds=60), help_text='How long a returning customer is kept for the last agent, if that agent is available.', validators=[django.core.validators.MinValueValidator(datetime.timedelta(0)), django.core.validators.MaxValueValidator(datetime.timedelta(days=7))], verbose_name='wait for the last agent')),
                ('wrapup_prompt', models.CharField(choices=[('optional', 'Optional: the agent may skip it'), ('mandatory', 'Mandatory: no time limit'), ('timeout', 'Mandatory, time-boxed'), ('forced_timeout', 'Mandatory, time-boxed, no early end')], default='timeout', max_length=15, verbose_name='wrap-up')),
                ('wrapup_timeout', models.DurationField(default=datetime.timedelta(seconds=60), help_text='Then the time-out code is set.', validators=[django.core.validators.MinValueValidator(datetime.timedelta(seconds=1)), django.core.validators.MaxValueValidator(datetime.timedelta(seconds=3600))], verbose_name='wrap-up time')),
                ('wrapup_counts', models.BooleanField(default=True, help_text="Work in wrap-up counts against the agent's limit.", verbose_name='wrap-up takes a slot')),
                ('parked_weight', models.DecimalField(decimal_places=2, default=0, help_text='0: parked work takes no slot. 1: as much as connected work.', max_digits=3, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='weight of parked work')),
                ('reclaim_after', models.DurationField(default=datetime.timedelta(seconds=1800), help_text='After a reply, if the agent has no free slot: how long it waits for them alone.', verbose_name='keep parked work for its agent')),
                ('inactivity_timeout', models.DurationField(blank=True, help_text='Without a message from either side for so long, the work is closed. Empty: never.', null=True, validators=[django.core.validators.MinValueValidator(datetime.timedelta(seconds=60))], verbose_name='inactivity')),
                ('abandon_after', models.DurationField(default=datetime.timedelta(seconds=900), help_text='How long connected work stays with an agent whose desk is gone.', verbose_name='work of agents who vanish')),
                ('service_level', models.DecimalField(decimal_places=1, default=80, max_digits=4, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='service level target (%)')),
                ('service_level_within', models.DurationField(default=datetime.timedelta(seconds=20), verbose_name='answered within')),
            ],
            options={
                'verbose_name': 'queue',
                'verbose_name_plural': 'queues',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='Unseen',
            fields=[
                ('conversation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='channels_app.conversation')),
            ],
        ),
        migrations.CreateModel(
            name='InboundRoute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('priority', models.IntegerField(default=0, help_text='1 point counts like one minute of waiting.', validators=[django.core.validators.MinValueValidator(-1000), django.core.validators.MaxValueValidator(1000)], verbose_name='priority')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('channel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='route', to='channels_app.channel', verbose_name='channel')),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='routes', to='routing.queue', verbose_name='queue')),
            ],
            options={
                'verbose_name': 'inbound route',
                'verbose_name_plural': 'inbound routes',
            },
        ),
        migrations.CreateModel(
            name='QueueMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='routing.queue', verbose_name='queue')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='agent')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
            },
        ),
        migrations.AddField(
            model_name='queue',
            name='members',
            field=models.ManyToManyField(related_name='queues', through='routing.QueueMember', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='ResponseLibrary',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('queues', models.ManyToManyField(blank=True, help_text='Its responses are offered in conversations of these queues. None chosen: in all conversations.', related_name='libraries', to='routing.queue', verbose_name='queues')),
            ],
            options={
                'verbose_name': 'response library',
                'verbose_name_plural': 'response libraries',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='CannedResponse',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='What agents search for after typing /.', max_length=100, verbose_name='name')),
                ('text', models.TextField(help_text='Filled in when it is inserted: {{customer.name}}, {{agent.name}}, {{conversation.channel}}, {{conversation.queue}}.', max_length=4000, validators=[routing.models.canned.check_placeholders], verbose_name='text')),
                ('language', models.CharField(blank=True, help_text='A tag such as de: offered first to customers of this language. Empty: for all.', max_length=12, validators=[django.core.validators.RegexValidator('^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', 'Write a language tag such as de or pt-BR.')], verbose_name='language')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('library', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='responses', to='routing.responselibrary', verbose_name='library')),
            ],
            options={
                'verbose_name': 'canned response',
                'verbose_name_plural': 'canned responses',
                'ordering': ('name', 'language'),
            },
        ),
        migrations.CreateModel(
            name='RouteNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minimum', models.DecimalField(decimal_places=1, default=0, max_digits=2, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(5)], verbose_name='at least')),
                ('route', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='routing.inboundroute')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.skill', verbose_name='skill')),
            ],
            options={
                'verbose_name': 'needed skill',
                'verbose_name_plural': 'needed skills',
            },
        ),
        migrations.CreateModel(
            name='RoutingPass',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('flow', 'In the flow'), ('waiting', 'Waiting'), ('offered', 'Offered'), ('connected', 'Connected'), ('parked', 'Parked'), ('closed', 'Closed')], max_length=10)),
                ('medium', models.CharField(choices=[('message', 'Messages'), ('email', 'E-mails')], default='message', max_length=10)),
                ('priority', models.IntegerField(default=0)),
                ('started_at', models.DateTimeField()),
                ('waiting_since', models.DateTimeField(null=True)),
                ('order_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('', ''), ('handled', 'Handled by an agent'), ('abandoned', 'Customer left while waiting'), ('flow_out', 'Left the queue unanswered'), ('flow', 'Finished by the flow')], default='', max_length=10)),
                ('closed_by', models.CharField(blank=True, choices=[('', ''), ('agent', 'Agent'), ('customer', 'Customer'), ('inactivity', 'Inactivity'), ('system', 'System')], default='', max_length=10)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='passes', to='channels_app.conversation')),
                ('only_agent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('queue', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='passes', to='routing.queue')),
            ],
            options={
                'verbose_name': 'routing pass',
                'verbose_name_plural': 'routing passes',
            },
        ),
        migrations.CreateModel(
            name='QueueVisit',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('entered_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('', ''), ('answered', 'Answered'), ('abandoned', 'Abandoned'), ('transferred', 'Transferred'), ('flow_out', 'Left unanswered')], default='', max_length=12)),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='routing.queue')),
                ('routing_pass', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='routing.routingpass')),
            ],
        ),
        migrations.CreateModel(
            name='PassNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minimum', models.DecimalField(decimal_places=1, default=0, max_digits=2, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(5)], verbose_name='at least')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agents.skill', verbose_name='skill')),
                ('routing_pass', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='routing.routingpass')),
            ],
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('acd', 'Routed'), ('last', 'Last agent'), ('transfer', 'Transferred'), ('pick', 'Picked'), ('assign', 'Assigned')], max_length=10)),
                ('state', models.CharField(choices=[('alerting', 'Alerting'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('expired', 'Expired'), ('withdrawn', 'Withdrawn')], default='alerting', max_length=10)),
                ('medium', models.CharField(choices=[('message', 'Messages'), ('email', 'E-mails')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='routing.queuevisit')),
                ('routing_pass', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='routing.routingpass')),
            ],
            options={
                'verbose_name': 'offer',
                'verbose_name_plural': 'offers',
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(max_length=20, verbose_name='method')),
                ('data', models.JSONField(verbose_name='data')),
                ('decided_at', models.DateTimeField(verbose_name='time')),
                ('chosen', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='chosen')),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='decision', to='routing.offer')),
                ('routing_pass', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='routing.routingpass')),
            ],
            options={
                'verbose_name': 'routing decision',
                'verbose_name_plural': 'routing decisions',
            },
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('connected', 'Connected'), ('parked', 'Parked'), ('wrapup', 'Wrap-up'), ('done', 'Done')], default='connected', max_length=10)),
                ('medium', models.CharField(choices=[('message', 'Messages'), ('email', 'E-mails')], max_length=10)),
                ('weight', models.DecimalField(decimal_places=2, default=1, max_digits=3)),
                ('connected_at', models.DateTimeField()),
                ('parked_at', models.DateTimeField(null=True)),
                ('parked_for', models.DurationField(default=datetime.timedelta(0))),
                ('resume_at', models.DateTimeField(null=True)),
                ('resume_on_reply', models.BooleanField(default=True)),
                ('parked_seq', models.BigIntegerField(null=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('wrapup_due_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=20)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='channels_app.conversation')),
                ('offer', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assignment', to='routing.offer')),
                ('queue', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='routing.queue')),
                ('routing_pass', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='routing.routingpass')),
            ],
            options={
                'verbose_name': 'assignment',
                'verbose_name_plural': 'assignments',
            },
        ),
        migrations.CreateModel(
            name='WrapUpCode',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('description', models.CharField(blank=True, max_length=300, verbose_name='description')),
                ('is_timeout', models.BooleanField(default=False, editable=False)),
                ('active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'wrap-up code',
                'verbose_name_plural': 'wrap-up codes',
                'ordering': ('name',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_timeout', True)), fields=('is_timeout',), name='one_timeout_code')],
            },
        ),
        migrations.CreateModel(
            name='WrapUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('notes', models.TextField(blank=True)),
                ('skipped', models.BooleanField(default=False)),
                ('timed_out', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='wrapup', to='routing.assignment')),
                ('code', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='routing.wrapupcode')),
            ],
            options={
                'verbose_name': 'wrap-up',
                'verbose_name_plural': 'wrap-ups',
            },
        ),
        migrations.CreateModel(
            name='QueueWrapUpCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='routing.queue')),
                ('code', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='routing.wrapupcode', verbose_name='wrap-up code')),
            ],
            options={
                'verbose_name': 'wrap-up code of the queue',
                'verbose_name_plural': 'wrap-up codes of the queue',
            },
        ),
        migrations.AddField(
            model_name='queue',
            name='codes',
            field=models.ManyToManyField(blank=True, related_name='queues', through='routing.QueueWrapUpCode', to='routing.wrapupcode'),
        ),
        migrations.AddIndex(
            model_name='queuemember',
            index=models.Index(condition=models.Q(('active', True)), fields=['user'], name='member_active'),
        ),
        migrations.AddConstraint(
            model_name='queuemember',
            constraint=models.UniqueConstraint(fields=('queue', 'user'), name='member_once'),
        ),
        migrations.AddConstraint(
            model_name='cannedresponse',
            constraint=models.UniqueConstraint(fields=('library', 'name', 'language'), name='canned_once', violation_error_message='This library has a response of this name in this language already.'),
        ),
        migrations.AddConstraint(
            model_name='routeneed',
            constraint=models.UniqueConstraint(fields=('route', 'skill'), name='route_need_once'),
        ),
        migrations.AddIndex(
            model_name='routingpass',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['queue', 'order_at'], name='pass_waiting'),
        ),
        migrations.AddIndex(
            model_name='routingpass',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='pass_due'),
        ),
        migrations.AddConstraint(
            model_name='routingpass',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'closed'), _negated=True), fields=('conversation',), name='pass_one_live'),
        ),
        migrations.AddConstraint(
            model_name='routingpass',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['waiting', 'offered']), _negated=True), models.Q(('order_at__isnull', False), ('queue__isnull', False)), _connector='OR'), name='pass_waiting_has_queue'),
        ),
        migrations.AddConstraint(
            model_name='routingpass',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None)), _connector='OR'), name='pass_closed_at'),
        ),
        migrations.AddConstraint(
            model_name='queuevisit',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('routing_pass',), name='visit_one_open'),
        ),
        migrations.AddConstraint(
            model_name='passneed',
            constraint=models.UniqueConstraint(fields=('routing_pass', 'skill'), name='pass_need_once'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(condition=models.Q(('state', 'alerting')), fields=['agent'], name='offer_alerting_agent'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(condition=models.Q(('state', 'alerting')), fields=['expires_at'], name='offer_expires'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['visit', 'agent'], name='offer_of_visit'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'alerting')), fields=('routing_pass', 'agent'), name='offer_one_alerting'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state', 'done'), _negated=True), fields=['agent'], name='assignment_open_agent'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state', 'done')), fields=['agent', 'done_at'], name='assignment_done_agent'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state', 'wrapup'), ('wrapup_due_at__isnull', False)), fields=['wrapup_due_at'], name='wrapup_due'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(fields=['conversation', '-connected_at'], name='assignment_last_agent'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['connected', 'parked'])), fields=('conversation',), name='assignment_one_owner'),
        ),
        migrations.AddConstraint(
            model_name='queuewrapupcode',
            constraint=models.UniqueConstraint(fields=('queue', 'code'), name='queue_code_once'),
        ),
        migrations.RunPython(make_timeout_code, migrations.RunPython.noop),
    ]
