using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>One node on a PostgreSQL that is not its own; what it needs besides it keeps to itself.</summary>
public sealed class PostgresJourneyTests(RealPostgres servers) : IClassFixture<RealPostgres>
{
    [Fact]
    public async Task On_a_database_elsewhere_the_main_job_is_the_same_and_a_kill_ends_no_session()
    {
        var envFile = await NewDatabase();
        await using var server = await Server.StartOn(envFile);
        using var olga = await Person.Register(server.Address, "Olga");
        var file = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        Assert.Equal("ready", (await olga.Settled(file)).GetProperty("status").GetString());
        await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        var page = await olga.Read("api/folders/root/children?limit=1");

        await server.Kill();
        await server.Restart();

        // The token and the cursor are from before: both keys follow from the shared secret.
        var rest = await olga.Read($"api/folders/root/children?limit=1&cursor={page.GetProperty("nextCursor").GetString()}");
        Assert.NotEqual(page.GetProperty("items")[0].Id(), rest.GetProperty("items")[0].Id());
        Assert.Equal(Samples.Picture, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        await (await olga.Get($"api/files/{file}/variants/thumbnail")).Expect(200);
        await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 1);

        foreach (var command in new string[][] { ["status"], ["events", "tail"], ["projections", "list"], ["projections", "rebuild", "--all"] })
            Assert.Equal(0, (await Server.Run([.. command, "--env-file", envFile])).ExitCode);
        var (code, agree, _) = await Server.Run("storage", "reconcile", "--env-file", envFile, "--data", server.Data);
        Assert.Equal((0, "Log and object store agree.\n"), (code, agree));
        Assert.True(Json((await Server.Run("status", "--json", "--env-file", envFile)).Output).GetProperty("running").GetBoolean());
        foreach (var secret in new[] { servers.Settings["JWT_SECRET"], new Uri(servers.Settings["DATABASE_URL"]).UserInfo.Split(':')[1], olga.Email })
            Assert.DoesNotContain(secret, server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_answers_before_it_has_written_is_refused()
    {
        var envFile = await NewDatabase();
        await using (var owner = DatabaseOf(Setting(envFile, "DATABASE_URL")))
            await Scalar(owner, $"alter database {new NpgsqlConnectionStringBuilder(owner.ConnectionString).Database} set synchronous_commit = off");

        await Refused("synchronous_commit off: a crash would lose what was acknowledged", "--env-file", envFile);
    }

    [Fact]
    public async Task Given_the_owner_alone_the_program_runs_as_a_login_that_can_only_add_to_the_log()
    {
        var envFile = await NewDatabase();
        await using var server = await Server.StartOn(envFile);
        var url = (await Server.Run("db", "url", "--env-file", envFile)).Output.Trim();
        await using var application = DatabaseOf(url);

        Assert.EndsWith("_app", new Uri(url).UserInfo.Split(':')[0], StringComparison.Ordinal);
        Assert.Equal(
            new Uri(url).UserInfo.Split(':')[0],
            await Scalar(application, "select string_agg(distinct usename, ' ') from pg_stat_activity where application_name = 'eventfiles' and datname = current_database()"));
        foreach (var sql in new[] { "delete from mt_events", "update mt_events set type = ''", "truncate mt_events", "set role eventfiles" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Scalar(application, sql));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task Given_that_login_alone_a_start_leaves_the_migration_to_the_owner_and_then_works()
    {
        var envFile = await NewDatabase();
        var database = Setting(envFile, "DATABASE_URL");
        await using (var owner = DatabaseOf(database))
            await Scalar(owner, "create role careful login password 'r4ther-long-and-odd'");
        var careful = servers.EnvFileWith(("DATABASE_URL", database.Replace(new Uri(database).UserInfo, "careful:r4ther-long-and-odd", StringComparison.Ordinal)));

        using var data = new Folder();
        await Refused("eventfiles db migrate", "--data", data.Path, "--env-file", careful);

        Assert.Equal(0, (await Server.Run("db", "migrate", "--owner-url", database, "--env-file", careful)).ExitCode);
        await using var server = await Server.StartOn(careful);
        using var olga = await Person.Register(server.Address, "Olga");
        Assert.Equal("ready", (await olga.Settled(await olga.Keep("Notes.txt", Samples.Text, "text/plain"))).GetProperty("status").GetString());
    }

    // A command's connection that has asked for events, or for those who write some.
    private const string HasLooked =
        """
        select exists (
            select from pg_stat_activity
            where application_name = 'eventfiles command' and datname = current_database() and state = 'idle'
              and (query like '%mt_events %' or query like '%pg_locks%'))
        """;

    [Fact]
    public async Task Whoever_follows_the_log_at_a_terminal_misses_nothing_that_becomes_visible_late()
    {
        var envFile = await NewDatabase();
        var url = Setting(envFile, "DATABASE_URL");
        await using (var server = await Server.StartOn(envFile))
            await server.Stop();
        await using var owner = DatabaseOf(url);
        await using var slow = await owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var open = await slow.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var late = new NpgsqlCommand(Appending("late"), slow, open))
            await late.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await Scalar(owner, Appending("soon"));

        using var tail = Process.Start(new ProcessStartInfo("dotnet", [Server.HostDll, "events", "tail", "--follow", "--json", "--env-file", envFile])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        try
        {
            // When it has looked: whoever goes by the highest number prints the second and never the first.
            await Drill.Until(async () => (bool)(await Scalar(owner, HasLooked))!);
            await open.CommitAsync(TestContext.Current.CancellationToken);
            Assert.Equal("late", await Next());
            Assert.Equal("soon", await Next());
            await Scalar(owner, Appending("later"));
            Assert.Equal("later", await Next());
        }
        finally
        {
            tail.Kill();
        }

        async Task<string?> Next() => Json((await tail.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken))!).GetProperty("stream").GetString();

        static string Appending(string stream) =>
            $"""
            insert into mt_streams (id, version, tenant_id) values ('{stream}', 1, '*DEFAULT*');
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id)
            values (nextval('mt_events_sequence'), gen_random_uuid(), '{stream}', 1, 'null', 'late.v1', now(), '*DEFAULT*')
            """;
    }

    [Fact]
    public async Task A_node_that_keeps_things_to_itself_is_the_only_one_and_its_folder_belongs_to_one_database()
    {
        var envFile = await NewDatabase();
        await using var server = await Server.StartOn(envFile);
        using var empty = new Folder();
        await Refused("Another node runs on this database", "--data", empty.Path, "--env-file", envFile);
        await Refused("Another EventFiles server", "--data", server.Data, "--env-file", envFile);
        Assert.Equal(0, await server.Stop());
        await Refused("another database", "--data", server.Data, "--env-file", await NewDatabase());
        await Refused("a database elsewhere", "--data", server.Data, "--env-file", "/dev/null");

        await server.Restart();
        using var olga = await Person.Register(server.Address, "Olga");
    }

    [Fact]
    public async Task A_database_that_starts_later_is_waited_for_and_one_that_says_no_is_not()
    {
        using var data = new Folder();
        var database = new Uri(Setting(await NewDatabase(), "DATABASE_URL"));
        var wrong = database.ToString().Replace(database.UserInfo, "eventfiles:not-the-password", StringComparison.Ordinal);
        await Refused("refuses: password", "--data", data.Path, "--env-file", servers.EnvFileWith(("DATABASE_URL", wrong)));

        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        var port = ((IPEndPoint)relay.LocalEndpoint).Port;
        relay.Stop();
        var away = database.ToString().Replace($":{database.Port}/", $":{port}/", StringComparison.Ordinal);
        await Refused("did not answer within 1 s", "--data", data.Path, "--env-file", servers.EnvFileWith(("DATABASE_URL", away), ("START_TIMEOUT", "1s")));

        var starting = Server.StartOn(servers.EnvFileWith(("DATABASE_URL", away)));
        using var later = new TcpListener(IPAddress.Loopback, port);
        later.Start();
        using var stop = new CancellationTokenSource();
        _ = Relay(later, database.Port, stop.Token);
        await using var server = await starting;
        using var olga = await Person.Register(server.Address, "Olga");
        await server.Stop();
        await stop.CancelAsync();
    }

    [Fact]
    public async Task Asked_to_stop_it_brings_what_runs_to_its_end()
    {
        await using var server = await Server.StartOn(await NewDatabase());
        using var olga = await Person.Register(server.Address, "Olga");
        var content = RandomNumberGenerator.GetBytes(400_000);
        using var slow = new SlowContent(content, 32, TimeSpan.FromMilliseconds(100));
        var location = (await (await Tus.Create(olga, content.Length, "slow.bin")).Expect(201)).Headers.Location!;
        var upload = Tus.Patch(olga, location, 0, slow);
        await server.Receives(1, 65_536);

        await server.Terminate();

        // Some seconds of a client that takes its time: the upload that has begun is taken, and then the process ends well.
        var file = Assert.Single((await (await upload).Expect(204)).Headers.GetValues("File-Id"));
        Assert.Equal(0, await server.Ended());
        await server.Restart();
        Assert.Equal(content, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
    }

    private async Task Refused(string named, params string[] options)
    {
        var (code, _, error) = await Server.Run(["serve", "--urls", "http://127.0.0.1:0", .. options]);
        Assert.Equal(1, code);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.DoesNotContain(servers.Settings["JWT_SECRET"], error, StringComparison.Ordinal);
    }

    // Settings of a database that nobody has used yet.
    private async Task<string> NewDatabase()
    {
        var url = servers.Settings["DATABASE_URL"];
        var name = $"test_{Guid.NewGuid():n}";
        await using var owner = DatabaseOf(url);
        await Scalar(owner, $"create database {name}");
        return servers.EnvFileWith(("DATABASE_URL", url[..url.LastIndexOf('/')] + "/" + name));
    }

    private static string Setting(string envFile, string name) =>
        File.ReadLines(envFile).First(line => line.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];

    private static async Task Relay(TcpListener from, int port, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var near = await from.AcceptTcpClientAsync(cancel);
            var far = new TcpClient();
            await far.ConnectAsync(IPAddress.Loopback, port, cancel);
            _ = Copy(near, far, cancel);
            _ = Copy(far, near, cancel);
        }
    }

    private static async Task Copy(TcpClient from, TcpClient to, CancellationToken cancel)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), cancel);
        }
        catch (Exception over) when (over is IOException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
        finally
        {
            to.Close();
        }
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static NpgsqlDataSource DatabaseOf(string url) => NpgsqlDataSource.Create(Server.ConnectionString(url));

    private static async Task<object?> Scalar(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("eventfiles-journey-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }

    /// <summary>Bytes from a client on a slow line.</summary>
    private sealed class SlowContent(byte[] content, int pieces, TimeSpan pause) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var piece in content.Chunk(content.Length / pieces))
            {
                await stream.WriteAsync(piece);
                await stream.FlushAsync();
                await Task.Delay(pause);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = content.Length;
            return true;
        }
    }
}
