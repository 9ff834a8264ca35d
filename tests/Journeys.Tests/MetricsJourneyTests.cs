using System.Globalization;
using System.Text.RegularExpressions;

namespace EventFiles.Journeys.Tests;

/// <summary>Figures at /metrics, and what deploy/ makes of them.</summary>
public sealed partial class MetricsJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task Every_line_is_as_Prometheus_reads_it_and_counters_count()
    {
        // A server of its own: elsewhere others upload, too, and are counted.
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var before = await Scraped(olga);
        await olga.Keep("hills.txt", "dusk"u8.ToArray());
        var after = await Scraped(olga);

        Assert.True(after["eventfiles_events_appended_total"] > before["eventfiles_events_appended_total"]);
        var uploads = after.Keys.Single(name => name.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal)
            && name.Contains("http_route=\"/api/upload\"", StringComparison.Ordinal) && name.Contains("\"202\"", StringComparison.Ordinal));
        Assert.Equal(before.GetValueOrDefault(uploads) + 1, after[uploads]);
        var all = uploads.Replace("_count{", "_bucket{", StringComparison.Ordinal).Replace("}", ",le=\"+Inf\"}", StringComparison.Ordinal);
        Assert.Equal(after[uploads], after[all]);
    }

    [Fact]
    public async Task It_tells_figures_and_nothing_of_anybody()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var file = await olga.Keep("hills of olga.txt", "dusk"u8.ToArray());
        await (await olga.Get($"api/files/{file}/content")).Expect(200);
        var text = await olga.Http.GetStringAsync("metrics");
        Assert.All(new[] { olga.Email, olga.Id.ToString(), file.ToString(), "hills" }, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_dashboard_and_the_alarms_show_is_there()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        await olga.Settled(await olga.Keep("hills.txt", "dusk"u8.ToArray()));
        var there = (await Scraped(olga)).Keys.Select(name => name.Split('{')[0]).ToHashSet(StringComparer.Ordinal);
        var deploy = Path.Combine(Server.Root, "deploy");
        var shown = Metric().Matches(
            await File.ReadAllTextAsync(Path.Combine(deploy, "grafana", "dashboards", "eventfiles.json"))
            + await File.ReadAllTextAsync(Path.Combine(deploy, "prometheus", "alerts.yml"))).Select(one => one.Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(shown.Count > 10);
        Assert.Empty(shown.Except(there));
    }

    [Fact]
    public async Task Every_path_that_a_health_check_asks_answers()
    {
        var files = new[] { "compose.yml", "deploy/image/healthy", "deploy/nginx/nginx.conf.template" };
        var paths = files.SelectMany(file => HealthPath().Matches(File.ReadAllText(Path.Combine(Server.Root, file)))).Select(one => one.Value).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(paths);
        using var http = new HttpClient { BaseAddress = fixture.Server.Address };
        foreach (var path in paths)
            await (await http.GetAsync(path)).Expect(200);
        // Prometheus asks there when nothing else is said.
        Assert.DoesNotContain("metrics_path", await File.ReadAllTextAsync(Path.Combine(Server.Root, "deploy/prometheus/prometheus.yml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_filled_in_for_containers_is_no_mistake_to_a_server_beside_them()
    {
        var file = Path.GetTempFileName();
        var lines = await File.ReadAllLinesAsync(Path.Combine(Server.Root, ".env.example"));
        var asked = AskedFor().Matches(await File.ReadAllTextAsync(Path.Combine(Server.Root, "compose.yml")))
            .Select(match => match.Groups[1].Value + '=').ToHashSet(StringComparer.Ordinal);
        Assert.Superset(asked, lines.ToHashSet(StringComparer.Ordinal));
        await File.WriteAllLinesAsync(file, lines.Select(line => line switch
        {
            "CORS_ORIGINS=" => line + "https://app.example.org",
            _ when asked.Contains(line) => line + "k3v9q2x7m5w8z1c6b4n0a9s8d7f6g5h4",
            _ => line,
        }));
        var (code, _, error) = await Server.Run("config", "check", "--env-file", file);
        File.Delete(file);
        Assert.True(code == 0, error);
    }

    private static async Task<Dictionary<string, double>> Scraped(Person person)
    {
        var reply = await (await person.Get("metrics")).Expect(200);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", reply.Content.Headers.ContentType!.ToString());
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in (await reply.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Matches(Line(), line);
            if (line[0] != '#')
                values.Add(line[..line.LastIndexOf(' ')], double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        }

        return values;
    }

    [GeneratedRegex("""^(# HELP [a-z][a-z0-9_]* .*|# TYPE [a-z][a-z0-9_]* (counter|gauge|histogram)|[a-z][a-z0-9_]*(\{[a-z_]+="([^"\\\n]|\\.)*"(,[a-z_]+="([^"\\\n]|\\.)*")*\})? [-+0-9.eE]+)$""")]
    private static partial Regex Line();

    // What compose.yml does not start without.
    [GeneratedRegex(@"\$\{(\w+):\?")]
    private static partial Regex AskedFor();

    [GeneratedRegex(@"\b(eventfiles|http_server|dotnet|kestrel)_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"(?<=[ 0-9])/health/[a-z]+")]
    private static partial Regex HealthPath();
}
