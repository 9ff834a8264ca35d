using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>Has witnesses sign the newest checkpoint. A witness that is away holds up nobody: the next one is asked for anew.</summary>
internal sealed partial class Cosigner(
    EventPool pool, TransparencyOptions options, IReadOnlyList<LogWitness> witnesses, TimeProvider clock, ILogger<Cosigner> log)
    : BackgroundService
{
    // Any number nobody else locks: one node at a time asks.
    private const long Turn = 0x4556454E57495431;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string KeepSql =
        """
        update eventfiles.log_checkpoints set cosignatures = cosignatures || $2
        where size = $1 and position($3 in cosignatures) = 0
        """;

    private readonly HttpClient http = new() { Timeout = Patience, MaxResponseContentBufferSize = 64 * 1024 };
    private readonly Dictionary<string, long> signed = new(StringComparer.Ordinal);

    public override void Dispose()
    {
        http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (witnesses.Count > 0)
        {
            try
            {
                await Ask(stoppingToken);
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, why);
            }

            await Task.Delay(options.Every, clock, stoppingToken);
        }
    }

    /// <summary>Asks every witness once for its signature over the newest checkpoint.</summary>
    internal async Task Ask(CancellationToken cancel)
    {
        await using var connection = await pool.OpenAside(cancel);
        await using var turn = new NpgsqlCommand($"select pg_try_advisory_lock({Turn})", connection);
        if (!(bool)(await turn.ExecuteScalarAsync(cancel))! || await TreeRows.Checkpoint(connection, long.MaxValue, cancel) is not { } newest)
            return;
        var proofs = new TreeProofs(asked => TreeRows.Tiles(connection, asked, cancel));
        foreach (var witness in witnesses.Where(one => signed.GetValueOrDefault(one.Name) != newest.Size))
        {
            try
            {
                var line = await witness.Cosign(http, newest, from => proofs.Consistency(from, newest.Size), cancel);
                await using var keep = new NpgsqlCommand(KeepSql, connection);
                keep.Parameters.Add(new NpgsqlParameter<long> { TypedValue = newest.Size });
                keep.Parameters.Add(new NpgsqlParameter<string> { TypedValue = line });
                keep.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"— {witness.Name} " });
                await keep.ExecuteNonQueryAsync(cancel);
                signed[witness.Name] = newest.Size;
            }
            catch (WitnessRefusesException refused)
            {
                Refused(log, refused.Message);
            }
            catch (Exception away) when (away is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                Away(log, witness.Name, away.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "A witness does not sign the log: {Why}")]
    private static partial void Refused(ILogger log, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The witness {Witness} is away: {Why}")]
    private static partial void Away(ILogger log, string witness, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Witnesses could not be asked; trying again")]
    private static partial void Failed(ILogger log, Exception why);
}
