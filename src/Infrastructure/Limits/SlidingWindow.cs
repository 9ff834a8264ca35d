using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Limits;

/// <summary>So many requests within any stretch of time as long as the window, as nearly as two counts tell.</summary>
/// <param name="Most">At least 1.</param>
public sealed record RequestLimit(int Most, TimeSpan Window);

/// <summary>How a limit stands after a request.</summary>
/// <param name="IsTaken">Whether the request was within it.</param>
/// <param name="Left">How many more are, now.</param>
/// <param name="Wait">How long until there is one again; zero while there is.</param>
internal readonly record struct LimitLeft(bool IsTaken, int Left, TimeSpan Wait);

/// <summary>
/// The count of this window and of the one before, which is taken to have been spread evenly: memory is the same for
/// whatever number of requests.
/// </summary>
/// <param name="Current">Of this window, the last request included when it was within the limit.</param>
/// <param name="Former">Of the window before.</param>
/// <param name="Part">How much of this window is over, from 0 to 1.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SlidingWindow(long Current, long Former, double Part)
{
    /// <summary>How many count now.</summary>
    public double Used => (Former * (1 - Part)) + Current;

    /// <summary>Whether one more is within the limit.</summary>
    public bool Admits(int most) => Used + 1 <= most;

    /// <summary>What to tell the client.</summary>
    public LimitLeft Tell(RequestLimit limit, bool isTaken) => new(
        isTaken, (int)Math.Max(0, Math.Floor(limit.Most - Used)), Admits(limit.Most) ? TimeSpan.Zero : limit.Window * (Until(limit.Most) - Part));

    // In windows from the beginning of this one. Either the former count fades enough before this one ends, or this one's
    // does as the former of the next.
    private double Until(int most) => Current + 1 <= most && Former > 0
        ? Math.Clamp(1 - ((most - Current - 1) / (double)Former), Part, 1)
        : 1 + Math.Clamp(1 - ((most - 1) / (double)Current), 0, 1);
}
