"""People, their skills, status and capacity."""

import contactcenter.kernel.ids
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Skill',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('kind', models.CharField(choices=[('skill', 'Skill'), ('language', 'Language')], default='skill', max_length=10, verbose_name='kind')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'skill',
                'verbose_name_plural': 'skills',
                'ordering': ('kind', 'name'),
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
            ],
            options={
                'verbose_name': 'team',
                'verbose_name_plural': 'teams',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('name', models.CharField(help_text='What colleagues see.', max_length=150, verbose_name='name')),
                ('alias', models.CharField(blank=True, help_text='What customers see. Empty: the first name.', max_length=60, verbose_name='name for customers')),
                ('picture_url', models.URLField(blank=True, help_text='Shown to customers beside the name.', verbose_name='picture')),
                ('locale', models.CharField(blank=True, default='', max_length=10, verbose_name='language')),
                ('time_zone', models.CharField(default='UTC', max_length=50, verbose_name='time zone')),
                ('is_active', models.BooleanField(default=True, help_text='Switch off instead of deleting: the history keeps the name.', verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, verbose_name='may open the admin')),
                ('date_joined', models.DateTimeField(auto_now_add=True, verbose_name='added')),
                ('link_made_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last log-in link made')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='members', to='agents.team', verbose_name='team')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'ordering': ('name',),
                'permissions': [('work_conversations', 'Can take and answer conversations'), ('supervise', 'Can see all conversations and agents, and act on them'), ('assign_past_limit', "Can assign a conversation past an agent's limit")],
            },
        ),
        migrations.CreateModel(
            name='UserSkill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proficiency', models.DecimalField(decimal_places=1, default=3, help_text='0 to 5. A conversation can ask for a minimum.', max_digits=2, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(5)], verbose_name='proficiency')),
                ('skill', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='user_skills', to='agents.skill', verbose_name='skill')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='user_skills', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'skill of a user',
                'verbose_name_plural': 'skills of a user',
            },
        ),
        migrations.AddField(
            model_name='user',
            name='skills',
            field=models.ManyToManyField(related_name='users', through='agents.UserSkill', to='agents.skill'),
        ),
        migrations.CreateModel(
            name='Utilization',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('medium', models.CharField(choices=[('message', 'Messages'), ('email', 'E-mails')], max_length=10, verbose_name='medium')),
                ('limit', models.PositiveSmallIntegerField(help_text='1 to 25. Lowering it never takes work away; it only stops new work.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(25)], verbose_name='at once')),
                ('user', models.ForeignKey(blank=True, help_text='Empty: the default for everybody.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='utilizations', to=settings.AUTH_USER_MODEL, verbose_name='agent')),
            ],
            options={
                'verbose_name': 'utilization',
                'verbose_name_plural': 'utilization',
            },
        ),
        migrations.CreateModel(
            name='AgentState',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='state', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('presence', models.CharField(choices=[('available', 'Available'), ('busy', 'Busy'), ('break', 'Break'), ('meal', 'Meal'), ('meeting', 'Meeting'), ('training', 'Training'), ('away', 'Away'), ('offline', 'Offline')], default='offline', max_length=20)),
                ('status', models.CharField(choices=[('off_queue', 'Off queue'), ('idle', 'Idle'), ('interacting', 'Interacting'), ('not_responding', 'Not responding')], default='off_queue', max_length=20)),
                ('status_since', models.DateTimeField()),
                ('idle_since', models.DateTimeField()),
                ('seen_at', models.DateTimeField(null=True)),
                ('seq', models.BigIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'off_queue'), _negated=True), fields=['seen_at'], name='agentstate_on_queue_seen')],
            },
        ),
        migrations.CreateModel(
            name='AgentLoad',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('medium', models.CharField(choices=[('message', 'Messages'), ('email', 'E-mails')], max_length=10)),
                ('in_use', models.DecimalField(decimal_places=2, default=0, max_digits=6)),
                ('limit', models.PositiveSmallIntegerField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='loads', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'medium'), name='agentload_once'), models.CheckConstraint(condition=models.Q(('in_use__gte', 0)), name='agentload_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='PresenceSpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('status', models.CharField(choices=[('available', 'Available'), ('busy', 'Busy'), ('break', 'Break'), ('meal', 'Meal'), ('meeting', 'Meeting'), ('training', 'Training'), ('away', 'Away'), ('offline', 'Offline')], max_length=20)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['user', 'started_at'], name='agents_pres_user_id_0f6f64_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user',), name='presencespan_one_open'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='presencespan_ends_after_start')],
            },
        ),
        migrations.CreateModel(
            name='RoutingStatusSpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('status', models.CharField(choices=[('off_queue', 'Off queue'), ('idle', 'Idle'), ('interacting', 'Interacting'), ('not_responding', 'Not responding')], max_length=20)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['user', 'started_at'], name='agents_rout_user_id_dee0b3_idx'), models.Index(condition=models.Q(('ended_at', None)), fields=['status'], name='routingstatus_current')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user',), name='routingstatusspan_one_open'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='routingstatusspan_ends_after_start')],
            },
        ),
        migrations.AddIndex(
            model_name='userskill',
            index=models.Index(fields=['skill', 'user'], name='agents_user_skill_i_62ffab_idx'),
        ),
        migrations.AddConstraint(
            model_name='userskill',
            constraint=models.UniqueConstraint(fields=('user', 'skill'), name='userskill_once'),
        ),
        migrations.AddConstraint(
            model_name='userskill',
            constraint=models.CheckConstraint(condition=models.Q(('proficiency__gte', 0), ('proficiency__lte', 5)), name='userskill_proficiency_0_5'),
        ),
        migrations.AddConstraint(
            model_name='utilization',
            constraint=models.UniqueConstraint(fields=('medium', 'user'), name='utilization_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='utilization',
            constraint=models.CheckConstraint(condition=models.Q(('limit__gte', 1), ('limit__lte', 25)), name='utilization_1_25'),
        ),
    ]
