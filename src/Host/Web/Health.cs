using EventFiles.Infrastructure.Lag;
using EventFiles.Infrastructure.ReadModels;
using Npgsql;

namespace EventFiles.Host.Web;

/// <summary>What a load balancer or a script asks before it sends anybody here.</summary>
internal static class Health
{
    /// <summary>How the server is.</summary>
    /// <param name="Status">ok; degraded when requests are served and something needs an operator; starting or failing.</param>
    /// <param name="Checks">Each part, and ok or what is wrong with it.</param>
    public sealed record Report(string Status, IReadOnlyDictionary<string, string> Checks);

    public static void MapHealth(this WebApplication app)
    {
        var health = app.MapGroup("/health").WithTags("Operate").AllowAnonymous();
        health.MapGet("/live", () => TypedResults.Ok(new Report("ok", new Dictionary<string, string>(StringComparer.Ordinal))))
            .WithName("isLive").WithSummary("Whether the process runs").Produces<Report>();
        health.MapGet("/ready", Ready)
            .WithName("isReady").WithSummary("Whether requests can be served")
            .Produces<Report>().Produces<Report>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> Ready(
        NpgsqlDataSource database, IReadPosition position, LagWatch lag, CancellationToken cancel)
    {
        var checks = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["database"] = await Answers(database, cancel),
            ["readModels"] = position.IsCaughtUp ? "ok" : "starting",
        };
        if (checks.Values.FirstOrDefault(check => check != "ok") is { } broken)
            return TypedResults.Json(new Report(broken, checks), statusCode: StatusCodes.Status503ServiceUnavailable);

        // Old views are better than none, and other nodes wait for the same log.
        checks["lag"] = lag.Alarm ?? "ok";
        return TypedResults.Ok(new Report(lag.Alarm is null ? "ok" : "degraded", checks));
    }

    private static async Task<string> Answers(NpgsqlDataSource database, CancellationToken cancel)
    {
        try
        {
            await using var asks = database.CreateCommand("select 1");
            asks.CommandTimeout = 2;
            await asks.ExecuteScalarAsync(cancel);
            return "ok";
        }
        catch (NpgsqlException)
        {
            return "failing";
        }
    }
}
