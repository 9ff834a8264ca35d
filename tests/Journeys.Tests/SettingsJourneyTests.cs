using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What the program makes of its settings, and how it says what is wrong with them. Nothing is started here.</summary>
public sealed class SettingsJourneyTests : IDisposable
{
    private const string Secret = "4f1c9a72d05be83617fa2c9be04d6813";

    private static readonly string[] Whole =
    [
        $"JWT_SECRET={Secret}", $"ENCRYPTION_KEY={Secret}", "DATABASE_URL=postgresql://files:s3sam-open@db.example.org/files?sslmode=require",
    ];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eventfiles-settings-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Every_mistake_is_named_at_once_and_nothing_is_started()
    {
        var (code, output, error) = await Run(
            ["serve", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(folder.FullName, "data"), "--role", "boss"],
            "DATABASE_URL=mysql://files:s3sam-open@db/files",
            "JOB_TIMEOUT=5 days",
            "WORKER_CONCURRENCY=many",
            "MAX_RETRIES=-1",
            "LOG_LEVEL=loud",
            "START_TIMEOUT=0",
            "EVENTFILES_DATTA=/srv",
            "RABITMQ_URL=amqp://files:s3sam-open@mq/",
            "half a line",
            "LOG_LEVEL=louder",
            "S3_BUCKET=Files",
            "DIRECT_UPLOADS=maybe");

        Assert.Equal((2, ""), (code, output));
        foreach (var named in new[]
        {
            "EVENTFILES_ROLE (--role): boss", "DATABASE_URL (", "JOB_TIMEOUT (", "WORKER_CONCURRENCY (", "MAX_RETRIES (", "LOG_LEVEL (",
            "START_TIMEOUT (", "DIRECT_UPLOADS (", "Was EVENTFILES_DATA meant?", "Was RABBITMQ_URL meant?", "line 9: this is not NAME=value",
            "line 10: LOG_LEVEL stands there for the second time", "S3_ENDPOINT: it is missing", "S3_ACCESS_KEY: it is missing",
            "S3_SECRET_KEY: it is missing", "JWT_SECRET: it is missing", "Example: DATABASE_URL=postgresql://",
        })
        {
            Assert.Contains(named, error, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("s3sam-open", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.FullName, "data")));
    }

    [Theory]
    [InlineData("DATABASE_URL", "postgresql://postgres:postgres@db/files")]
    [InlineData("DATABASE_URL", "postgresql://files@db/files")]
    [InlineData("DATABASE_URL", "postgresql://files:changeme@db/files")]
    [InlineData("DATABASE_OWNER_URL", "postgresql://files:files@db/files")]
    [InlineData("RABBITMQ_URL", "amqp://guest:guest@mq/")]
    [InlineData("REDIS_URL", "redis://cache:6379")]
    [InlineData("MINIO_SECRET_KEY", "minioadmin", "MINIO_ENDPOINT=minio:9000", "MINIO_ACCESS_KEY=minioadmin", "MINIO_BUCKET=files")]
    [InlineData("JWT_SECRET", "short")]
    [InlineData("JWT_SECRET", "your-256-bit-secret-your-256-bit-secret")]
    [InlineData("JWT_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_login_that_everybody_knows_is_refused(string name, string value, params string[] beside)
    {
        var (code, _, error) = await Run(["config", "check"], [.. Whole.Where(line => !line.StartsWith(name + "=", StringComparison.Ordinal)), $"{name}={value}", .. beside]);

        Assert.Equal(2, code);
        Assert.Matches($"(?m){(name == "MINIO_SECRET_KEY" ? "S3_SECRET_KEY" : name)}( \\(.*\\))?: (it|its|there) ", error);
        if (value.Contains(':', StringComparison.Ordinal))
            Assert.DoesNotContain(value, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api", "DATABASE_URL: it is missing", "REDIS_URL: it is missing", "RABBITMQ_URL: it is missing", "S3_ENDPOINT: it is missing")]
    [InlineData("worker", "DATABASE_URL: it is missing", "REDIS_URL: it is missing", "RABBITMQ_URL: it is missing", "S3_ENDPOINT: it is missing")]
    public async Task A_node_of_one_role_needs_servers_to_share(string role, params string[] named)
    {
        var (code, _, error) = await Run(["config", "check", "--role", role]);
        Assert.Equal(2, code);
        foreach (var one in named)
            Assert.Contains(one, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_contradicts_itself_is_refused()
    {
        var (code, _, error) = await Run(
            ["config", "check"],
            "REDIS_URL=redis://:s3sam-open@cache:6379/0",
            "S3_ENDPOINT=http://one:9000", "MINIO_ENDPOINT=two:9000", "S3_BUCKET=files", "S3_ACCESS_KEY=files", "S3_SECRET_KEY=s3sam-open",
            "MINIO_BUCKET=other");

        Assert.Equal(2, code);
        Assert.Contains("DATABASE_URL: it is missing, and without it REDIS_URL, S3_ENDPOINT would not be used", error, StringComparison.Ordinal);
        Assert.Contains("MINIO_ENDPOINT (", error, StringComparison.Ordinal);
        Assert.Contains("MINIO_BUCKET (", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_goes_before_the_environment_and_that_before_the_file()
    {
        var (code, output, _) = await Run(
            ["config", "check", "--json", "--urls", "http://127.0.0.1:1"],
            [("LOG_LEVEL", "error"), ("EVENTFILES_URLS", "http://127.0.0.1:2")],
            [.. Whole, "# a remark", "", "export MAX_RETRIES='3'", "LOG_LEVEL=debug", "EVENTFILES_URLS=http://127.0.0.1:3"]);

        Assert.Equal(0, code);
        using var rows = JsonDocument.Parse(output);
        var shown = rows.RootElement.EnumerateArray().ToDictionary(
            row => row.GetProperty("name").GetString()!, row => (row.GetProperty("value").GetString(), row.GetProperty("from").GetString()!));
        Assert.Equal(("http://127.0.0.1:1", "--urls"), shown["EVENTFILES_URLS"]);
        Assert.Equal(("error", "the environment"), shown["LOG_LEVEL"]);
        Assert.Equal("3", shown["MAX_RETRIES"].Item1);
        Assert.EndsWith($", line {Whole.Length + 3}", shown["MAX_RETRIES"].Item2, StringComparison.Ordinal);
        Assert.Equal("postgresql://files:***@db.example.org/files?sslmode=require", shown["DATABASE_URL"].Item1);
        Assert.Equal("***", shown["JWT_SECRET"].Item1);
        Assert.DoesNotContain("s3sam-open", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Error)> Run(string[] command, params string[] lines) => Run(command, [], lines);

    private async Task<(int Code, string Output, string Error)> Run(string[] command, (string Name, string Value)[] environment, string[] lines)
    {
        var file = Path.Combine(folder.FullName, "env");
        await File.WriteAllLinesAsync(file, lines);
        return await Server.RunWith(environment, [.. command, "--env-file", file]);
    }
}
