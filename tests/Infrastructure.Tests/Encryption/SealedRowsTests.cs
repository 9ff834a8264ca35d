using System.Security.Cryptography;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.LogFiles;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.Tests.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>What events tell of a person lies in the database under that person's key.</summary>
public sealed class SealedRowsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Canary = "CV of Ünal \"Bo\" 漢\U0001F600.pdf";

    private static readonly AccountId Olga = NewId.Of<AccountId>(TimeProvider.System);
    private static readonly AccountId Ravi = NewId.Of<AccountId>(TimeProvider.System);
    private static readonly Decider<UploadEvent, object, UploadEvent> Uploads = new(new object(), (state, _) => state, (_, happened, _) => happened);

    private readonly string directory = Directory.CreateTempSubdirectory("sealed-").FullName;
    private readonly List<ServiceProvider> nodes = [];
    private string database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => database = await postgres.CreateDatabase();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task They_lie_in_the_database_under_the_persons_key_and_are_read_as_ever()
    {
        var (here, there) = (Node(), Node());
        await Append(here, Olga);
        await Append(here, Ravi);

        Assert.Equal(Canary, (await Read(there, Olga)).Name);
        Assert.Equal(2, (await there.GetRequiredService<IEventFeed>().After(0, 10, null, TimeSpan.FromSeconds(10), Cancel)).Events.Count);
        Assert.Equal("00", await Sql<string>("select string_agg(distinct octet_length(salt)::text || position('Ünal'::bytea in fields)::text, ' ') from eventfiles.event_private"));
        Assert.Equal(2L, await Sql<long>("select count(distinct substr(fields, 2, 16)) from eventfiles.event_private"));
    }

    [Fact]
    public async Task What_was_written_in_plain_is_read_beside_what_is_sealed_and_off_seals_nothing()
    {
        await Append(Node(isOn: false), Olga);
        Assert.Equal(1L, await Sql<long>("select count(*) from eventfiles.event_private where convert_from(fields, 'UTF8') like '{%'"));
        var node = Node();
        await Append(node, Olga);

        Assert.All(await node.GetRequiredService<IStreams>().Read(Stream(Olga).Name, 0, Cancel).ToListAsync(Cancel), happened => Assert.Equal(Canary, ((UploadEvent.Completed)happened.Fact).Name));
        Assert.Equal(2L, await Sql<long>("select count(*) from eventfiles.event_private"));
    }

    [Fact]
    public async Task With_the_key_gone_there_are_placeholders_and_everybody_elses_is_as_it_was()
    {
        await Append(Node(), Olga);
        await Append(Node(), Ravi);
        await Sql<object?>($"delete from eventfiles.subject_keys where subject = '{Olga}' returning null");

        var node = Node();
        Assert.Equal(PersonalAttribute.Erased, (await Read(node, Olga)).Name);
        Assert.Equal(PersonalAttribute.Erased, (await Read(node, Olga)).Sha256);
        Assert.Equal(Canary, (await Read(node, Ravi)).Name);
        Assert.Equal(
            [PersonalAttribute.Erased, Canary],
            (await node.GetRequiredService<IEventFeed>().After(0, 10, null, TimeSpan.FromSeconds(10), Cancel)).Events.Select(happened => ((UploadEvent.Completed)happened.Fact).Name));
    }

    [Fact]
    public async Task With_the_eras_key_lost_nobody_is_told_that_anything_was_erased()
    {
        await Append(Node(), Olga);
        var other = Node(EraKeys.Of([new Infrastructure.Security.SharedSecret("another secret of at least 32 letters")]));

        await Assert.ThrowsAsync<ObjectKeyLostException>(() => Read(other, Olga));
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => other.GetRequiredService<IEventFeed>().After(0, 10, null, TimeSpan.FromSeconds(10), Cancel));
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => Append(other, Ravi));
    }

    [Theory]
    [InlineData("update eventfiles.event_private set fields = set_byte(fields, 40, 255 - get_byte(fields, 40))")]
    [InlineData("update eventfiles.event_private a set fields = b.fields from eventfiles.event_private b where a.seq_id <> b.seq_id")]
    public async Task A_row_that_was_altered_or_is_another_events_is_not_read(string offence)
    {
        var node = Node();
        await Append(node, Olga);
        await Append(node, Olga);
        await Sql<object?>(offence + " returning null");

        await Assert.ThrowsAnyAsync<CryptographicException>(() => Read(node, Olga));
        var page = await node.GetRequiredService<IEventFeed>().After(0, 10, null, TimeSpan.FromSeconds(10), Cancel);
        Assert.All(page.Events, happened => Assert.IsType<Unreadable>(happened.Fact));
    }

    [Fact]
    public async Task Of_whom_the_journal_names_nothing_personal_is_kept_and_no_new_key_is_made()
    {
        await Sql<object?>($"insert into eventfiles.destroyed_keys (subject) values ('{Olga}') returning null");
        var node = Node();
        await Append(node, Olga);

        Assert.Equal(PersonalAttribute.Erased, (await Read(node, Olga)).Name);
        Assert.Equal(0L, await Sql<long>("select (select count(*) from eventfiles.event_private) + (select count(*) from eventfiles.subject_keys)"));
        await Assert.ThrowsAsync<ObjectKeyLostException>(() => node.GetRequiredService<IObjects>().OwnedBy(Olga).Put(new ObjectKey("raw/1"), new MemoryStream([1]), Cancel));
    }

    [Fact]
    public async Task A_log_file_moves_them_to_other_keys_and_leaves_out_whom_the_other_place_knows_to_be_erased()
    {
        var node = Node();
        await Append(node, Olga);
        await Append(node, Ravi);
        var path = Path.Combine(directory, "log.ndjson");
        await using (var export = new LogExport(PostgresFixture.AsOwner(database), node.GetRequiredService<PrivateKeys>()))
            await export.Write(path, new ExportOrder(1, null, WithPrivate: true), null, Cancel);

        database = await postgres.CreateDatabase();
        await Sql<object?>($"insert into eventfiles.destroyed_keys (subject) values ('{Olga}') returning null");
        var elsewhere = Node(EraKeys.Of([new Infrastructure.Security.SharedSecret("another secret of at least 32 letters")]));
        await using var file = File.OpenRead(path);
        var import = await LogImport.Of(file, elsewhere.GetRequiredService<Slices>(), takesUnreadable: false, null, Cancel);
        await using var owner = NpgsqlDataSource.Create(PostgresFixture.AsOwner(database));
        await import.Run(owner, Cancel, keys: elsewhere.GetRequiredService<PrivateKeys>());

        Assert.Equal(Canary, (await Read(elsewhere, Ravi)).Name);
        Assert.Equal(PersonalAttribute.Erased, (await Read(elsewhere, Olga)).Name);
        Assert.Equal("0 1", await Sql<string>("select max(octet_length(salt)) || ' ' || count(*) from eventfiles.event_private"));
    }

    private static StreamId Stream(AccountId owner) => new($"upload-{owner}", owner);

    private static async Task Append(ServiceProvider node, AccountId owner) => Assert.Null((await node.GetRequiredService<IStreams>().Transact<Done>(
        async transaction =>
        {
            await transaction.Decide(Stream(owner), Uploads, new UploadEvent.Completed(
                new(Guid.CreateVersion7()), new(Guid.CreateVersion7()), 1, new(Guid.CreateVersion7()), Canary, "application/pdf", 12,
                new string('a', 64), new("objects/1")));
            return default(Done);
        },
        Cancel)).Refusal);

    private static async Task<UploadEvent.Completed> Read(ServiceProvider node, AccountId owner) =>
        (UploadEvent.Completed)(await node.GetRequiredService<IStreams>().Read(Stream(owner).Name, 0, Cancel).FirstAsync(Cancel)).Fact;

    private async Task<T> Sql<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(PostgresFixture.AsOwner(database));
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel) is var value && value is DBNull or null ? default! : (T)value;
    }

    private ServiceProvider Node(EraKeys? keys = null, bool isOn = true)
    {
        nodes.Add(new ServiceCollection().AddLogging()
            .AddSingleton(new Slices([Store.UploadsSlice()])).AddEventStore(database)
            .AddDirectoryObjects(directory).AddEncryption(keys ?? EraKeys.Of([EncryptedNode.Secret]), isOn).BuildServiceProvider());
        return nodes[^1];
    }
}
