using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Looks at the start whether all keys are there: an operator is to hear of it before somebody asks for a file. And whether
/// the database has forgotten whose keys were destroyed, and which files were erased, as one does that was put back to how it was.
/// </summary>
internal sealed partial class KeyWatch(KeyReach keys, DestroyedKeys journal, ILogger<KeyWatch> log) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await journal.Apply(cancellationToken) is > 0 and var count)
            Applied(log, count);
        try
        {
            await keys.Ask(cancellationToken);
        }
        catch (ObjectKeyLostException)
        {
            // It has said so. Whoever asks is told why nothing can be had.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database had forgotten {Count} erased persons and files; their keys and private rows are removed again")]
    private static partial void Applied(ILogger log, int count);
}
