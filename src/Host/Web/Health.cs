using EventFiles.Infrastructure;
using EventFiles.Infrastructure.Clocks;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.Lag;
using EventFiles.Infrastructure.ReadModels;
using Npgsql;

namespace EventFiles.Host.Web;

/// <summary>What a load balancer or a script asks before it sends anybody here.</summary>
internal static class Health
{
    // Whoever asks has a limit of its own, and takes no answer for a dead node.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How the server is.</summary>
    /// <param name="Status">ok; degraded when requests are served and something needs an operator; starting, stopping or failing.</param>
    /// <param name="Checks">Each part, and ok or what is wrong with it.</param>
    public sealed record Report(string Status, IReadOnlyDictionary<string, string> Checks);

    public static void MapHealth(this WebApplication app)
    {
        var health = app.MapGroup("/health").WithTags("Operate").AllowAnonymous();
        // Before anybody is asked who they are: that may be what does not work.
        health.ShortCircuit();
        health.MapGet("/live", () => TypedResults.Ok(new Report("ok", new Dictionary<string, string>(StringComparer.Ordinal))))
            .WithName("isLive").WithSummary("Whether the process runs").Produces<Report>();
        health.MapGet("/ready", Ready)
            .WithName("isReady").WithSummary("Whether requests can be served")
            .Produces<Report>().Produces<Report>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> Ready(
        NpgsqlDataSource database, IReadPosition position, LagWatch lag, Reachability servers, Leaving leaving,
        IKeyLoss keys, NodeTime time,
        CancellationToken cancel)
    {
        var checks = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["database"] = await Answers(database, cancel),
            ["readModels"] = position.IsCaughtUp ? "ok" : "starting",
            ["node"] = leaving.IsLeaving ? "stopping" : "ok",
        };
        if (checks.Values.FirstOrDefault(check => check != "ok") is { } broken)
        {
            // Views that cannot be made for want of a key are not starting.
            if (keys.IsKnown)
                checks["keys"] = (await servers.Look(cancel))["keys"];
            return TypedResults.Json(new Report(broken, checks), statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        // Old views are better than none, and other nodes wait for the same log. Without the broker what is asked is kept
        // and done later, without the object store most reads are served: nobody is better off without this node.
        checks["lag"] = lag.Alarm ?? "ok";
        checks["clock"] = time.Trouble ?? "ok";
        foreach (var (name, says) in await servers.Look(cancel))
            checks[name] = says;
        return TypedResults.Ok(new Report(checks.Values.All(check => check == "ok") ? "ok" : "degraded", checks));
    }

    private static async Task<string> Answers(NpgsqlDataSource database, CancellationToken cancel)
    {
        try
        {
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            soon.CancelAfter(Patience);
            await using var asks = database.CreateCommand("select 1");
            await asks.ExecuteScalarAsync(soon.Token);
            return "ok";
        }
        catch (Exception why) when (why is NpgsqlException or TimeoutException
            || (why is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return "failing";
        }
    }
}
