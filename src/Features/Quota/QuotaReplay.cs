using static EventFiles.Features.Quota.QuotaEvent;

namespace EventFiles.Features.Quota;

/// <summary>
/// The figures of one account, counted again from nothing: what each event bears is compared with what the sources come to
/// after it.
/// </summary>
public sealed class QuotaReplay
{
    private readonly List<(QuotaStep Step, Balance After)> steps = [];

    private Balance right = QuotaDecider.Decider.Initial.Balance;

    /// <summary>What follows from the events heard so far.</summary>
    public QuotaState State { get; private set; } = QuotaDecider.Decider.Initial;

    /// <summary>How many events that is.</summary>
    public long Version => steps.Count;

    /// <summary>The first event since the last correction that bears other figures than follow from it and those before it.</summary>
    public QuotaDeparture? Departure { get; private set; }

    /// <summary>Whether the newest figures are wrong, so that they can be corrected: what is wrong further back stays in the log.</summary>
    public bool IsWrongNow => State.Balance != right;

    public void Hear(RecordedEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        var (fact, before) = ((QuotaEvent)happened.Fact, State);
        State = QuotaDecider.Decider.Evolve(before, fact);
        right = new Balance(
            fact is LimitSet set ? set.LimitBytes : right.LimitBytes,
            right.UsedBytes + FilesOf(fact).Sum(file => State.HeldBy(file) - before.HeldBy(file)),
            right.ReservedBytes + (UploadOf(fact) is { } upload ? State.ReservedFor(upload) - before.ReservedFor(upload) : 0),
            State.Files.Count);
        var step = new QuotaStep(happened.Position, happened.Version, happened.Name);
        steps.Add((step, fact.After));
        if (fact.After == right)
            Departure = fact is Corrected ? null : Departure;
        else
            Departure ??= new QuotaDeparture("event", step, fact.After, right);
    }

    /// <summary>
    /// What figures that somebody keeps depart from: the event that they have not heard of, or else the one that they stand at.
    /// </summary>
    /// <param name="kept">Where: view or snapshot.</param>
    /// <param name="position">The position in the log that they claim to tell of.</param>
    public QuotaDeparture Compare(string kept, Balance found, long position)
    {
        var until = steps.FindLastIndex(one => one.Step.Position <= position);
        var last = steps.FindLastIndex(until < 0 ? 0 : until, one => one.After == found);
        var at = last >= 0 && last < until ? last + 1 : Math.Max(0, until);
        return new QuotaDeparture(kept, steps[at].Step, found, steps[Math.Max(at, until)].After);
    }

    private static IEnumerable<FileId> FilesOf(QuotaEvent fact) => fact switch
    {
        Charged charged => [charged.File],
        Shared shared => [shared.File],
        GivenUp given => given.Moved.Select(moved => moved.File).Append(given.File).Distinct(),
        UploadFreed freed => [freed.File],
        Freed freed => [freed.File],
        _ => [],
    };

    private static UploadId? UploadOf(QuotaEvent fact) => fact switch
    {
        Reserved reserved => reserved.Upload,
        Released released => released.Upload,
        Charged charged => charged.Upload,
        Shared shared => shared.Upload,
        _ => null,
    };
}

/// <summary>An event of an account's space.</summary>
/// <param name="Position">Its place in the log.</param>
/// <param name="Version">Its place in the account's stream.</param>
/// <param name="Name">Its stored name.</param>
public sealed record QuotaStep(long Position, long Version, string Name);

/// <summary>Figures that are not what follows from the events.</summary>
/// <param name="Kept">Where they are kept: event, snapshot or view.</param>
/// <param name="At">The first event that they do not follow.</param>
/// <param name="Found">What they are; null where they cannot be read.</param>
/// <param name="Right">What follows from the events.</param>
public sealed record QuotaDeparture(string Kept, QuotaStep At, Balance? Found, Balance Right);
