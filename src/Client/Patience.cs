namespace EventFiles.Client;

/// <summary>
/// How often something is tried, and how long to wait in between: twice as long each time, with a random part, so that many
/// clients do not come back at once. A server that says when to come is believed, within reason.
/// </summary>
/// <param name="tries">How many tries that bring nothing, one after the other, are enough; asked anew each time.</param>
internal sealed class Patience(Func<int> tries)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestOrdered = TimeSpan.FromMinutes(1);
    private int failures;

    /// <summary>The last try got somewhere.</summary>
    public void Progressed() => failures = 0;

    /// <summary>Waits until it is time for the next try.</summary>
    /// <exception cref="NotDoneException">It was tried often enough, or the server wants more time than anybody waits for.</exception>
    public async Task Wait(NotNowException why, CancellationToken cancel)
    {
        if (++failures >= tries())
            throw why.Lastly;
        if (why.RetryAfter is { } wait && wait > LongestOrdered)
            throw why.Lastly;
        await Task.Delay(Pause(failures, why.RetryAfter, Random.Shared.NextDouble()), cancel);
    }

    private static TimeSpan Pause(int failures, TimeSpan? retryAfter, double chance)
    {
        var pause = First * Math.Pow(2, Math.Min(failures - 1, 16));
        pause = (pause < Longest ? pause : Longest) * (0.5 + chance / 2);
        return retryAfter is { } wait && wait > pause ? wait + First * chance : pause;
    }
}
