using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>Whether the keys are there that open what is stored: a node without them is degraded, and its log says why.</summary>
internal sealed partial class KeyReach(EraBook eras, ILogger<KeyReach> log) : IDependency
{
    private string? said;

    public string Name => "keys";

    public async Task Ask(CancellationToken cancel)
    {
        var wrong = await eras.Wrong(cancel);
        if (wrong is not null && wrong != said)
            Lost(log, wrong);
        said = wrong;
        if (wrong is not null)
            throw new ObjectKeyLostException(wrong);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Wrong}")]
    private static partial void Lost(ILogger log, string wrong);
}
