using System.Diagnostics;

namespace EventFiles.Features.Vocabulary;

/// <summary>
/// A named place at which a test has the process killed as by SIGKILL: between an effect and the record of it, mostly.
/// Only a build with <c>KILL_POINTS</c> has them (<c>-p:KillPoints=true</c>); from any other the compiler leaves them out.
/// </summary>
public static class KillPoint
{
    /// <summary>Names the file that arms one: <c>NAME</c>, or <c>NAME N</c> for the N-th time it is reached.</summary>
    public const string Variable = "KILL_POINT_FILE";

#if KILL_POINTS
    private static readonly Lock Gate = new();
    private static readonly string? Armed = Environment.GetEnvironmentVariable(Variable);
    private static (string? Order, int Seen) reached;
#endif

    /// <summary>Ends the process here, at once and without a word, if a test has armed this place.</summary>
    [Conditional("KILL_POINTS")]
    public static void Reach(string name)
    {
#if KILL_POINTS
        if (Armed is null || !File.Exists(Armed))
            return;
        lock (Gate)
        {
            var order = File.Exists(Armed) ? File.ReadAllText(Armed).Trim() : "";
            if (order.Split(' ') is not [var named, .. var times] || named != name)
                return;
            reached = reached.Order == order ? (order, reached.Seen + 1) : (order, 1);
            if (times is [var wanted] && reached.Seen < int.Parse(wanted, System.Globalization.CultureInfo.InvariantCulture))
                return;
            // Once: the next start is to go past it.
            File.Move(Armed, Armed + ".reached", overwrite: true);
            System.Diagnostics.Process.GetCurrentProcess().Kill();
            Thread.Sleep(Timeout.Infinite);
        }
#else
        _ = name;
#endif
    }
}
