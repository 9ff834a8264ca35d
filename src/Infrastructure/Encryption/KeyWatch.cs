using Microsoft.Extensions.Hosting;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>Looks at the start whether all keys are there: an operator is to hear of it before somebody asks for a file.</summary>
internal sealed class KeyWatch(KeyReach keys) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await keys.Ask(cancellationToken);
        }
        catch (ObjectKeyLostException)
        {
            // It has said so. Names and lists are served without keys.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
