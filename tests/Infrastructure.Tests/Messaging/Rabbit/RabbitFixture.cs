using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace EventFiles.Infrastructure.Tests.Messaging.Rabbit;

/// <summary>All that needs the broker, one test after the other: some of them kill it.</summary>
[CollectionDefinition(Name)]
public sealed class RabbitCollection : ICollectionFixture<RabbitFixture>
{
    public const string Name = "RabbitMQ";
}

/// <summary>
/// A private RabbitMQ node as <c>eng/servers</c> starts it, gone at the end. It can be frozen, killed and started again on
/// what it kept.
/// </summary>
public sealed class RabbitFixture : IAsyncLifetime
{
    private static readonly string Servers = Path.GetFullPath(Path.Combine(
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == "Root").Value!,
        "eng/servers"));

    private readonly string environment = Path.Combine(Path.GetTempPath(), $"ef-rabbit-{Path.GetRandomFileName()}.env");
    private readonly HttpClient management = new();
    private string amqp = "";
    private string folder = "";
    private int hosts;

    public async ValueTask InitializeAsync()
    {
        await Run(Servers, "up", "--only", "rabbitmq", "--env", environment);
        var settings = (await File.ReadAllLinesAsync(environment)).Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        (amqp, folder) = (settings["RABBITMQ_URL"], Path.Combine(settings["EVENTFILES_SERVERS_DIR"], "rabbitmq"));
        var url = new Uri(settings["RABBITMQ_MANAGEMENT_URL"]);
        management.BaseAddress = new Uri($"http://{url.Authority}/");
        management.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(url.UserInfo)));
    }

    public async ValueTask DisposeAsync()
    {
        management.Dispose();
        if (File.Exists(environment))
            await Run(Servers, "down", "--env", environment);
    }

    /// <summary>A part of the broker that nobody else uses.</summary>
    public async Task<string> CreateHost()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test-{Interlocked.Increment(ref hosts)}");
        (await management.PutAsync($"api/vhosts/{name}", null)).EnsureSuccessStatusCode();
        return amqp + name;
    }

    /// <summary>With all its queues.</summary>
    public Task DeleteHost(string url) => management.DeleteAsync($"api/vhosts/{new Uri(url).AbsolutePath.Trim('/')}");

    /// <summary>Cuts all connections to a part of the broker, as a network does.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> CutConnections(string url)
    {
        var all = await management.GetFromJsonAsync<JsonElement>($"api/vhosts/{new Uri(url).AbsolutePath.Trim('/')}/connections");
        foreach (var one in all.EnumerateArray())
            await management.DeleteAsync($"api/connections/{Uri.EscapeDataString(one.GetProperty("name").GetString()!)}");
        return all.GetArrayLength();
    }

    /// <summary>A queue as the broker describes it.</summary>
    public Task<JsonElement> Queue(string url, string name) => management.GetFromJsonAsync<JsonElement>(
        $"api/queues/{new Uri(url).AbsolutePath.Trim('/')}/{Uri.EscapeDataString(name)}");

    /// <summary>It neither reads nor answers, and its sockets stay open.</summary>
    public async Task Freeze() => await Signals.Freeze(int.Parse(await ProcessId(), CultureInfo.InvariantCulture));

    public Task Thaw() => Signal("CONT");

    /// <summary>SIGKILL, and what it kept stays.</summary>
    public async Task Kill()
    {
        var id = await ProcessId();
        await Signal("KILL");
        await Gone(id);
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public async Task Stop()
    {
        var id = await ProcessId();
        await Signal("TERM");
        await Gone(id);
    }

    /// <summary>Starts it again on what it kept; once more when it ends or says nothing, as a supervisor would.</summary>
    public async Task Restart()
    {
        var pid = Path.Combine(folder, "pid");
        var run = Path.Combine(folder, "run");
        for (var starts = 1; ; starts++)
        {
            File.Delete(pid);
            using var broker = Environment.IsPrivilegedProcess
                ? Process.Start("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--no-new-privs", run])
                : Process.Start(run);
            if (await Wait.Comes(async () => broker.HasExited || (File.Exists(pid) && await Answers()), TimeSpan.FromMinutes(2)) && !broker.HasExited)
                break;
            Assert.True(starts < 3, $"The broker does not start: {await File.ReadAllTextAsync(Path.Combine(folder, "out"))}");
            broker.Kill(entireProcessTree: true);
            await broker.WaitForExitAsync();
        }

        // So that it is found at the end.
        await File.AppendAllTextAsync(Path.Combine(folder, "..", "processes"), $"rabbitmq {await ProcessId()}\n");
    }

    private async Task<bool> Answers()
    {
        try
        {
            return (await management.GetAsync("api/health/checks/alarms")).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<string> ProcessId() => (await File.ReadAllTextAsync(Path.Combine(folder, "pid"))).Trim();

    private async Task Signal(string name) => await Run("kill", $"-{name}", await ProcessId());

    private static Task Gone(string id) => Wait.Until(() => IsGone(id), "the end of the broker");

    // Whoever collects the dead may take his time: a zombie is gone.
    private static async Task<bool> IsGone(string id)
    {
        try
        {
            return (await File.ReadAllTextAsync($"/proc/{id}/stat")).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true; // Also when it goes while it is read.
        }
    }

    private static async Task Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error}");
    }
}
