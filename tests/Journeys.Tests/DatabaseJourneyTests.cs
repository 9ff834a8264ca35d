using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>What an operator does with the database, and what a start does with one that is not as it should be.</summary>
public sealed class DatabaseJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task The_server_runs_as_a_role_that_can_only_add_to_the_log()
    {
        var url = await Url();
        Assert.StartsWith("postgresql://eventfiles_app:", url, StringComparison.Ordinal);

        await using var application = Database(url);
        Assert.Equal(
            "eventfiles_app",
            await Scalar(application, "select string_agg(distinct usename, ' ') from pg_stat_activity where application_name = 'eventfiles'"));
        foreach (var sql in new[] { "delete from mt_events", "update mt_events set type = ''", "truncate mt_events", "drop table mt_events", "set role eventfiles" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => Scalar(application, sql));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task What_a_migration_would_do_is_printed_before_it_is_done()
    {
        Assert.Equal((0, "The schema is up to date.\n"), await Migrate("--dry-run", "--data", fixture.Server.Data));

        // A database elsewhere: named by its owner's URL and by the server's own.
        var (owner, application) = (await Url("--owner"), await Url());
        await using (var database = Database(owner))
            await Scalar(database, "create database elsewhere");
        string[] elsewhere = ["--owner-url", owner[..owner.LastIndexOf('/')] + "/elsewhere", "--url", application[..application.LastIndexOf('/')] + "/elsewhere"];

        var (code, planned) = await Migrate(["--dry-run", .. elsewhere]);
        Assert.Equal(1, code);
        Assert.StartsWith("to apply: 1 0001-marten.sql\nto apply: 2 ", planned, StringComparison.Ordinal);
        Assert.Equal((1, planned), await Migrate(["--dry-run", .. elsewhere]));
        var (done, applied) = await Migrate(elsewhere);
        Assert.Equal((0, planned.Replace("to apply", "applied", StringComparison.Ordinal) + "The schema is up to date.\n"), (done, applied));
        Assert.Equal((0, "The schema is up to date.\n"), await Migrate(["--dry-run", .. elsewhere]));
        Assert.Equal((0, "The schema is up to date.\n"), await Migrate(elsewhere));
        await using var there = Database(elsewhere[3]);
        Assert.Equal(0L, await Scalar(there, "select count(*) from mt_events"));
    }

    [Theory]
    [InlineData("insert into eventfiles.schema_version (version, name) values (9999, '9999-next.sql')", "9999")]
    [InlineData("alter table mt_events drop column headers", "mt_events.headers")]
    [InlineData("create table eventfiles.import_progress (sha256 text not null, chunks int not null)", "eventfiles events import FILE")]
    public async Task A_start_on_a_database_that_is_not_ours_or_newer_or_half_a_log_is_refused(string done, string named)
    {
        await using var server = await Server.Start();
        var (_, url, _) = await Server.Run("db", "url", "--owner", "--data", server.Data);
        await using (var owner = Database(url))
            await Scalar(owner, done);
        Assert.Equal(0, await server.Stop());

        var (code, _, error) = await Server.Run("serve", "--urls", "http://127.0.0.1:0", "--data", server.Data);

        Assert.Equal(1, code);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private async Task<string> Url(params string[] options)
    {
        var (code, url, _) = await Server.Run(["db", "url", "--data", fixture.Server.Data, .. options]);
        Assert.Equal(0, code);
        return url.Trim();
    }

    private static async Task<(int Code, string Output)> Migrate(params string[] options)
    {
        var (code, output, _) = await Server.Run(["db", "migrate", .. options]);
        return (code, output);
    }

    private static NpgsqlDataSource Database(string url) => NpgsqlDataSource.Create(Server.ConnectionString(url));

    private static async Task<object?> Scalar(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
