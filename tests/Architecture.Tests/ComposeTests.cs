using System.Text.RegularExpressions;

namespace EventFiles.Architecture.Tests;

/// <summary>compose.yml, what is filled into it and what the image is: all of it says what the program says.</summary>
public sealed partial class ComposeTests
{
    // What the program reads and a container of compose.yml is not told, and why.
    private static readonly Dictionary<string, string> Absent = new(StringComparer.Ordinal)
    {
        ["EVENTFILES_URLS"] = "the image says it",
        ["EVENTFILES_DATA"] = "the image says it",
        ["DATABASE_OWNER_URL"] = "only the service migrate knows the owner",
        ["LOG_KEY"] = "nodes there make it of JWT_SECRET",
        ["LOG_WITNESSES"] = "a witness that runs beside the server proves nothing",
        ["LOG_ORIGIN"] = "the name follows from the key",
        ["S3_PREFIX"] = "the bucket is ours alone",
        ["S3_CA_FILE"] = "the S3 server speaks plain HTTP in a network that is closed",
        ["ENCRYPTION_KEY_DIR"] = "nodes there share a secret and no folder",
        ["S3_PRESIGNED_READS"] = "a reader cannot reach the S3 server there",
        ["DIRECT_UPLOADS"] = "nor can whoever uploads, and content is encrypted on its way there",
        ["S3_PUBLIC_ENDPOINT"] = "the S3 server there has no address for others",
        ["Upload__DirectPartBytes"] = "goes with DIRECT_UPLOADS",
        ["MINIO_USE_SSL"] = "goes with MinIO's own names, which compose.yml does not use",
    };

    private static readonly string[] Nodes = ["api-1", "api-2", "worker"];

    // Images whose start needs to write beside its volumes.
    private static readonly string[] MayWrite = ["clamav"];

    private static readonly string[] NeedNotBeAsked = ["migrate", "jaeger"];

    private readonly ComposeFile compose = new(Read("compose.yml"));

    [Fact]
    public void Every_variable_that_the_program_reads_is_given_to_its_containers_or_left_out_with_a_reason()
    {
        var read = ReadByTheProgram();
        Assert.True(read.Count > 20);
        foreach (var node in Nodes)
            Assert.Empty(read.Except(compose.Given(node)).Except(Absent.Keys).Select(name => $"{node}: {name}"));
        Assert.Empty(Absent.Keys.Except(read));
        Assert.Contains("DATABASE_OWNER_URL", compose.Given("migrate"));
    }

    [Fact]
    public void No_container_of_the_program_is_given_a_variable_that_it_does_not_read()
    {
        var read = ReadByTheProgram();
        foreach (var node in Nodes.Append("migrate"))
            Assert.Empty(compose.Given(node).Except(read).Select(name => $"{node}: {name}"));
    }

    [Fact]
    public void What_may_be_filled_in_stands_in_the_example_and_nothing_else_does()
    {
        var asked = ComposeFile.Asked(Read("compose.yml") + Read("deploy", "compose.tls.yml"));
        Assert.Equal(asked.Order(StringComparer.Ordinal), Example().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_secret_has_a_value_and_none_may_be_left_empty()
    {
        var secrets = Example().Where(one => Secret().IsMatch(one.Key)).Select(one => one.Key).ToList();
        Assert.True(secrets.Count >= 7);
        Assert.All(secrets, name => Assert.Equal("", Example()[name]));
        Assert.All(
            secrets.Where(name => name is not ("JWT_SECRET_OTHER" or "OIDC_CLIENT_SECRET" or "ENCRYPTION_KEY_PREVIOUS")),
            name => Assert.Contains($"${{{name}:?", compose.Text, StringComparison.Ordinal));
        Assert.DoesNotMatch(@"\$\{[A-Z_]*(PASSWORD|SECRET|_KEY)[A-Z_]*:-[^}]", compose.Text);
    }

    [Fact]
    public void What_has_a_value_in_the_example_has_the_same_without_it()
    {
        var all = compose.Text + Read("deploy", "compose.tls.yml");
        Assert.All(
            Example().Where(one => !Secret().IsMatch(one.Key)),
            one => Assert.Contains($"${{{one.Key}:-{one.Value}}}", all, StringComparison.Ordinal));
    }

    // By default it says of what it skips that it is clean.
    [Fact]
    public void The_scanner_tells_of_what_is_beyond_its_limits() =>
        Assert.Matches(@"(?s)\n  clamav:.*?CLAMD_CONF_AlertExceedsMax: ""yes"".*?\n  prometheus:", compose.Text);

    [Fact]
    public void Every_image_is_one_version_and_what_runs_in_it_is_watched_bounded_and_closed()
    {
        Assert.True(compose.Services.Count >= 10);
        foreach (var name in compose.Services.Keys)
            Assert.Empty(Offences(compose, name).Select(offence => $"{name}: {offence}"));
        Assert.All(
            Regex.Matches(Read("Dockerfile"), @"(?m)^FROM (\S+)").Select(from => from.Groups[1].Value),
            image => Assert.Matches(Pinned(), image));
    }

    [Theory]
    [InlineData("image: redis:7.2.10-bookworm", "image: redis:latest", "not one version")]
    [InlineData("image: redis:7.2.10-bookworm", "image: redis", "not one version")]
    [InlineData("test: [CMD-SHELL, \"REDISCLI", "disable: [\"REDISCLI", "never asked how it is")]
    [InlineData("memory: 768m, ", "", "no limits")]
    [InlineData("    user: \"999:999\"\n    # The password", "    # The password", "may be root")]
    [InlineData("read_only: true", "read_only: false", "can change its programs")]
    [InlineData("cap_drop: [ALL]", "cap_drop: [NET_RAW]", "keeps capabilities")]
    [InlineData("\"no-new-privileges:true\"", "\"label:disable\"", "can gain privileges")]
    public void The_rules_see_an_offence(string said, string otherwise, string offence)
    {
        var text = Read("compose.yml");
        Assert.Contains(said, text, StringComparison.Ordinal);
        var offences = Offences(new ComposeFile(text.Replace(said, otherwise, StringComparison.Ordinal)), "redis").ToList();
        Assert.Equal([offence], offences);
    }

    [Fact]
    public void Ports_are_the_same_wherever_they_stand()
    {
        const string Port = "8080";
        Assert.Contains($"EVENTFILES_URLS=http://0.0.0.0:{Port}", Read("Dockerfile"), StringComparison.Ordinal);
        Assert.Contains($"EXPOSE {Port}", Read("Dockerfile"), StringComparison.Ordinal);
        Assert.Contains($"/dev/tcp/127.0.0.1/{Port}", Read("deploy", "image", "healthy"), StringComparison.Ordinal);
        Assert.Equal($"api-1:{Port}", compose.Value("nginx", "API_1"));
        Assert.Equal($"api-2:{Port}", compose.Value("nginx", "API_2"));
        Assert.Contains($"}}:{compose.Value("nginx", "LISTEN")!.Trim('"')}\"", compose.Value("nginx", "ports"), StringComparison.Ordinal);
        Assert.Contains($"http://{compose.Value("nginx", "LISTEN_HEALTH")}/", compose.Value("nginx", "healthcheck"), StringComparison.Ordinal);
        var watched = Regex.Matches(Read("deploy", "prometheus", "prometheus.yml"), @"(?:api-\d|worker)(?::(?<port>\d+)|\]\s*port: (?<port>\d+)|[^\n]*port: (?<port>\d+))");
        Assert.True(watched.Count >= 3);
        Assert.All(watched, one => Assert.Equal(Port, one.Groups["port"].Value));
        // The nodes believe the proxy, and nobody else: its address is the one that they are told.
        Assert.Contains(compose.Value("api-1", "TRUSTED_PROXIES")!, compose.Value("nginx", "networks"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_that_nginx_wants_filled_in_is()
    {
        var folder = Path.Combine(SourceTree.Root, "deploy", "nginx");
        var plain = ComposeFile.Asked(string.Concat(Directory.EnumerateFiles(folder, "*.template").Where(file => !file.Contains("redirect", StringComparison.Ordinal)).Select(File.ReadAllText)));
        Assert.Empty(plain.Except(compose.Given("nginx")));
        var tls = ComposeFile.Asked(string.Concat(Directory.EnumerateFiles(folder, "*.template", SearchOption.AllDirectories).Select(File.ReadAllText)));
        var added = Read("deploy", "compose.tls.yml");
        Assert.All(tls.Except(compose.Given("nginx")), name => Assert.Contains($" {name}: ", added, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Offences(ComposeFile compose, string service)
    {
        string Said(string key) => compose.Value(service, key) ?? "";
        if (!Pinned().IsMatch(Said("image")) && !Said("image").StartsWith("eventfiles:${IMAGE_TAG", StringComparison.Ordinal))
            yield return "not one version";
        // A node's image brings its own.
        if (!NeedNotBeAsked.Contains(service) && !Nodes.Contains(service) && !Said("healthcheck").Contains("test: [CMD", StringComparison.Ordinal))
            yield return "never asked how it is";
        if (!Regex.IsMatch(compose.Services[service], @"limits: \{ cpus: ""\d+"", memory: \d+[mg], pids: \d+ \}"))
            yield return "no limits";
        if (!Regex.IsMatch(Said("user"), @"^""[1-9]\d*:\d+""$") && !MayWrite.Contains(service))
            yield return "may be root";
        if (Said("read_only") != "true" && !MayWrite.Contains(service))
            yield return "can change its programs";
        if (Said("cap_drop") != "[ALL]")
            yield return "keeps capabilities";
        if (!Said("security_opt").Contains("no-new-privileges:true", StringComparison.Ordinal))
            yield return "can gain privileges";
        if (Said("restart").Length == 0)
            yield return "stays down";
    }

    private static HashSet<string> ReadByTheProgram()
    {
        var names = Setting().Matches(Read("src", "Host", "Configuration", "SettingNames.cs")).Select(one => one.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        foreach (var options in SourceTree.CSharp("src", "Features").Where(path => path.EndsWith("Options.cs", StringComparison.Ordinal)))
            names.UnionWith(Section().Matches(File.ReadAllText(options)).Select(one => one.Groups["name"].Value.Replace(":", "__", StringComparison.Ordinal)));
        return names;
    }

    private static Dictionary<string, string> Example() => Read(".env.example").Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([SourceTree.Root, .. path]));

    [GeneratedRegex(@"SettingName \w+ = new\(\s*""(?<name>[A-Z0-9_]+)""")]
    private static partial Regex Setting();

    [GeneratedRegex(@"<c>(?<name>[A-Z][a-z]+:[A-Za-z]+)</c>")]
    private static partial Regex Section();

    [GeneratedRegex("PASSWORD|SECRET|_KEY")]
    private static partial Regex Secret();

    // PostgreSQL's versions have two numbers.
    [GeneratedRegex(@"^([a-z0-9./-]+:v?\d+\.\d+\.\d+|postgres:\d+\.\d+)(-[a-z0-9.-]+)?$")]
    private static partial Regex Pinned();
}
