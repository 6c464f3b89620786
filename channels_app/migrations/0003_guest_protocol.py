"""Known customers, blocked visitors, push devices, and what a guest session knows of them."""

import contactcenter.kernel.clock
import contactcenter.kernel.ids
import contactcenter.kernel.secrets
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_app', '0002_sending'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='guestsession',
            name='auto_started',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='guestsession',
            name='blocked',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='conversation',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('', ''), ('window', 'Window passed'), ('cleared', 'Cleared by the customer'), ('erased', 'Erased'), ('merged', 'Merged'), ('restarted', 'The customer began anew')], default='', max_length=10, verbose_name='ended by'),
        ),
        migrations.CreateModel(
            name='IdentityProvider',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('issuer', models.URLField(help_text="As in the tokens' “iss”.", max_length=300, verbose_name='issuer')),
                ('audience', models.CharField(help_text="As in the tokens' “aud”.", max_length=300, verbose_name='client id')),
                ('jwks_url', models.URLField(help_text="The provider's public keys (JWKS).", max_length=500, verbose_name='keys address')),
                ('token_url', models.URLField(blank=True, help_text='Where an authorization code is exchanged.', max_length=500, verbose_name='token address')),
                ('secrets', contactcenter.kernel.secrets.EncryptedJSONField(blank=True, default=dict, verbose_name='client secret')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('deployment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='identity_provider', to='channels_app.deployment')),
            ],
            options={
                'verbose_name': 'identity provider',
                'verbose_name_plural': 'identity providers',
            },
        ),
        migrations.CreateModel(
            name='PushDevice',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('device_token', models.CharField(max_length=500)),
                ('provider', models.CharField(choices=[('FCM', 'Firebase Cloud Messaging'), ('APNS', 'Apple Push Notification service')], max_length=10)),
                ('device_type', models.CharField(blank=True, max_length=40)),
                ('language', models.CharField(blank=True, max_length=20)),
                ('told_until', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='push_device', to='channels_app.guestsession')),
            ],
            options={
                'verbose_name': 'push device',
                'verbose_name_plural': 'push devices',
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('refresh_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('address', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to='channels_app.address')),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='channels_app.deployment')),
            ],
            options={
                'verbose_name': 'sign-in',
                'verbose_name_plural': 'sign-ins',
            },
        ),
        migrations.AddField(
            model_name='guestsession',
            name='sign_in',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='channels_app.signin'),
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('created_at', models.DateTimeField(verbose_name='blocked')),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='undone')),
                ('address', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks', to='channels_app.address', verbose_name='visitor')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='blocked by')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='undone by')),
            ],
            options={
                'verbose_name': 'blocked visitor',
                'verbose_name_plural': 'blocked visitors',
                'ordering': ('-created_at',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('address',), name='block_one_in_force')],
            },
        ),
        migrations.CreateModel(
            name='IdentityKey',
            fields=[
                ('id', models.UUIDField(default=contactcenter.kernel.ids.new, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text="Also the token's “kid”, if it names one.", max_length=100, verbose_name='name')),
                ('secrets', contactcenter.kernel.secrets.EncryptedJSONField(default=dict, verbose_name='secret')),
                ('active', models.BooleanField(default=True, verbose_name='active')),
                ('created_at', models.DateTimeField(default=contactcenter.kernel.clock.now, editable=False, verbose_name='created')),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identity_keys', to='channels_app.deployment')),
            ],
            options={
                'verbose_name': 'identity key',
                'verbose_name_plural': 'identity keys',
                'ordering': ('created_at',),
                'constraints': [models.UniqueConstraint(fields=('deployment', 'name'), name='identitykey_name_once')],
            },
        ),
    ]
