using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure;

/// <summary>A server that a node can run without for a while, though not do all it should.</summary>
public interface IDependency
{
    /// <summary>What it is to the node, as its health shows it: <c>broker</c>, <c>objects</c>.</summary>
    string Name { get; }

    /// <summary>Asks it something cheap; throws when it does not answer as it should.</summary>
    Task Ask(CancellationToken cancel);
}

/// <summary>
/// Whether servers answer, for whoever looks at a node's health. However often and however many look: each server is
/// asked once every few seconds and by one at a time, and nobody waits long for one that is silent.
/// </summary>
public sealed partial class Reachability(IEnumerable<IDependency> servers, TimeProvider clock, ILogger<Reachability> log)
{
    /// <summary>What is said of a server that answers.</summary>
    public const string Well = "ok";

    /// <summary>What is said of one that does not.</summary>
    public const string Away = "out of reach";

    /// <summary>How long an answer is as good as a new one.</summary>
    internal static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);

    /// <summary>Whoever looks waits no longer than this.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // A question without an answer is given up, and asked anew by the next who looks.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Probe[] probes = [.. servers.Select(server => new Probe(server))];

    /// <summary>By the servers' names: <see cref="Well"/> or <see cref="Away"/>.</summary>
    public async Task<IReadOnlyDictionary<string, string>> Look(CancellationToken cancel)
    {
        var answers = await Task.WhenAll(probes.Select(async probe => (probe.Server.Name, Says: await Look(probe, cancel))));
        return answers.ToDictionary(one => one.Name, one => one.Says, StringComparer.Ordinal);
    }

    private async Task<string> Look(Probe probe, CancellationToken cancel)
    {
        Task<string> asking;
        TimeSpan left;
        lock (probe)
        {
            if (probe.Asking.IsCompleted && (probe.AskedAt is not { } at || clock.GetElapsedTime(at) >= Fresh))
            {
                probe.AskedAt = clock.GetTimestamp();
                probe.Asking = Task.Run(() => Ask(probe.Server), CancellationToken.None);
            }

            asking = probe.Asking;
            left = Patience - clock.GetElapsedTime(probe.AskedAt!.Value);
        }

        if (asking.IsCompleted)
            return await asking;
        if (left <= TimeSpan.Zero)
            return Away;
        try
        {
            return await asking.WaitAsync(left, clock, cancel);
        }
        catch (TimeoutException)
        {
            return Away;
        }
    }

    private async Task<string> Ask(IDependency server)
    {
        try
        {
            using var limit = new CancellationTokenSource(Limit, clock);
            await server.Ask(limit.Token);
            return Well;
        }
        catch (Exception why)
        {
            Silent(log, why, server.Name);
            return Away;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The {Server} does not answer a look at this node's health")]
    private static partial void Silent(ILogger log, Exception why, string server);

    private sealed class Probe(IDependency server)
    {
        public IDependency Server => server;

        public Task<string> Asking { get; set; } = Task.FromResult("");

        public long? AskedAt { get; set; }
    }
}
