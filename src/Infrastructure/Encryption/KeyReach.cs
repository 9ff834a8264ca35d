using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>What is known of lost keys, for whoever explains why something cannot be had.</summary>
public interface IKeyLoss
{
    /// <summary>Whether a key was missing when last looked for.</summary>
    bool IsKnown { get; }
}

/// <summary>Whether the keys are there that open what is stored: a node without them is degraded, and its log says why.</summary>
internal sealed partial class KeyReach(EraBook eras, ILogger<KeyReach> log) : IDependency, IKeyLoss
{
    private string? said;

    public string Name => "keys";

    public bool IsKnown => Volatile.Read(ref said) is not null;

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
