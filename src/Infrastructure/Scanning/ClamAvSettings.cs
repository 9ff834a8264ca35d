namespace EventFiles.Infrastructure.Scanning;

/// <summary>How long clamd may take.</summary>
/// <param name="Address">Where it listens.</param>
public sealed record ClamAvSettings(ClamAvAddress Address)
{
    /// <summary>To let us in, and to answer a question that costs it nothing.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>To take the next bytes.</summary>
    public TimeSpan TakeWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>To say what it saw, once it has all bytes.</summary>
    public TimeSpan LookWithin { get; init; } = TimeSpan.FromMinutes(3);
}
