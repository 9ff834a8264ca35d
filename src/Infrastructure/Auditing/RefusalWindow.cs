using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Auditing;

/// <summary>
/// Decides which refusals are told of one by one and which are counted, so that nobody can fill the log by being refused.
/// Knows a stretch of time; what it knows is bounded. Not shared between threads.
/// </summary>
internal sealed class RefusalWindow
{
    /// <summary>Within this time the same refusal is told of once, and then counted.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(10);

    /// <summary>So many different ones are told of for one account, or for one address of people who have not signed in.</summary>
    public const int OfOne = 30;

    /// <summary>So many of all accounts together.</summary>
    public const int OfAccounts = 1000;

    /// <summary>So many of all together who have not signed in.</summary>
    public const int OfStrangers = 300;

    private readonly Dictionary<Same, Told> told = [];
    private readonly Dictionary<string, int> ofOne = new(StringComparer.Ordinal);
    private readonly Dictionary<AccountId, Counted> more = [];
    private int ofAccounts;
    private int ofStrangers;

    /// <summary>When the window was opened by its first refusal; null when nothing has happened in it.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>Takes note of a refusal.</summary>
    /// <returns>What is to be written down at once; null when it is counted.</returns>
    public Told? Take(RefusedRequest refused, Guid id, DateTimeOffset now)
    {
        Since ??= now;
        var same = new Same(
            refused.Request, refused.Code, refused.Actor, refused.Email?.ToUpperInvariant(), refused.Claimed, refused.Target, refused.Address);
        if (told.TryGetValue(same, out var before))
        {
            before.Times++;
            before.Until = now;
            return null;
        }

        if (!HasRoom(refused))
        {
            Count(refused.Actor, 1, now, now);
            return null;
        }

        return told[same] = new Told(id, refused, now);
    }

    /// <summary>Refusals that could not even be taken note of.</summary>
    public void Lose(int times, DateTimeOffset now)
    {
        Since ??= now;
        Count(null, times, Since.Value, now);
    }

    /// <summary>Ends the window: what is to be written down of what was counted. The next refusal opens another one.</summary>
    public (IReadOnlyList<Told> Again, IReadOnlyList<Counted> More) Close()
    {
        var (again, counted) = (told.Values.Where(one => one.Times > 0).ToList(), more.Values.ToList());
        told.Clear();
        ofOne.Clear();
        more.Clear();
        (ofAccounts, ofStrangers, Since) = (0, 0, null);
        return (again, counted);
    }

    // Whoever fills the room of all leaves no key behind in memory.
    private bool HasRoom(RefusedRequest refused)
    {
        var isKnown = refused.Actor is not null;
        if (isKnown ? ofAccounts >= OfAccounts : ofStrangers >= OfStrangers)
            return false;
        var one = refused.Actor?.ToString() ?? refused.Address;
        var before = ofOne.GetValueOrDefault(one);
        if (before >= OfOne)
            return false;
        ofOne[one] = before + 1;
        if (isKnown)
            ofAccounts++;
        else
            ofStrangers++;
        return true;
    }

    // By itself is counted for whom something is told of in this window, and so for few.
    private void Count(AccountId? actor, int times, DateTimeOffset from, DateTimeOffset until)
    {
        var whose = actor is { } account && ofOne.ContainsKey(account.ToString()) ? account : RefusedRequest.Nobody;
        more[whose] = more.TryGetValue(whose, out var before)
            ? before with { Times = before.Times + times, Until = until }
            : new Counted(whose, times, from, until);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Same(
        string Request, string Code, AccountId? Actor, string? Email, AccountId? Claimed, RequestTarget Target, string Address);

    /// <summary>A refusal that is told of, and how often it happened again.</summary>
    public sealed class Told(Guid id, RefusedRequest refused, DateTimeOffset at)
    {
        public Guid Id => id;

        public RefusedRequest Refused => refused;

        public int Times { get; set; }

        public DateTimeOffset Until { get; set; } = at;

        /// <summary>Where it stands in the log; null until that is known.</summary>
        public StreamId? Stream { get; set; }
    }

    /// <summary>How many refusals of somebody are not told of one by one.</summary>
    public sealed record Counted(AccountId Whose, int Times, DateTimeOffset From, DateTimeOffset Until);
}
