using System.Globalization;
using System.Runtime.CompilerServices;
using MediatR;
using No = EventFiles.Features.Audit.AuditRejection;

namespace EventFiles.Features.Audit;

/// <summary>Shows auditors the log, all of it and no content. An administrator who wants to see it names themselves auditor first, and that is in the log.</summary>
internal sealed class TrailHandler(
    IAuditLog log, IPast past, IStreams streams, IAccounts accounts, IGroups groups, Slices slices, TimeProvider clock) :
    IRequestHandler<ReadTrail, Answer<TrailPage>>,
    IRequestHandler<ExportTrail, Answer<ExportedTrail>>,
    IRequestHandler<WalkCauses, Answer<TrailCauses>>
{
    private const int AtOnce = 500;

    // No chain of the product's is nearly as long.
    private const int MostSteps = 100;

    private static readonly string[] Refusals = ["audit.refused", "audit.refused-again", "audit.refused-more"];

    public async Task<Answer<TrailPage>> Handle(ReadTrail ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAuditor)
            return No.AuditorsOnly;
        var after = ask.Cursor is null ? 0
            : long.TryParse(ask.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
            : throw new BadCursorException();
        var end = await End(ask.Filter, cancellationToken);
        if (end is not Answer<long>.Yes(var upto, _))
            return end.Refusal!;
        var found = await log.Read(Question(ask.Filter), after, upto, ask.Limit, cancellationToken);
        return new TrailPage(
            await Entries(found.Events, new People(accounts, groups, streams), cancellationToken),
            found.IsEnd ? null : found.Upto.ToString(CultureInfo.InvariantCulture), found.Upto);
    }

    public async Task<Answer<ExportedTrail>> Handle(ExportTrail ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAuditor)
            return No.AuditorsOnly;
        var end = await End(ask.Filter, cancellationToken);
        if (end is not Answer<long>.Yes(var upto, _))
            return end.Refusal!;
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        var format = ask.Format == TrailFormat.Csv ? "csv" : "ndjson";
        var told = await streams.Transact<Done>(
            async transaction => await transaction.Decide(
                AuditDecider.StreamOfExport(id, ask.By.Account), AuditDecider.Decider,
                new AuditCommand.Export(id, format, Spelled(ask.Filter))) is { } refused ? refused : default(Done),
            cancellationToken);
        return told.Map(_ => new ExportedTrail(
            ask.Format == TrailFormat.Csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson",
            $"audit-{upto.ToString(CultureInfo.InvariantCulture)}.{format}", Lines(ask, upto, CancellationToken.None)));
    }

    public async Task<Answer<TrailCauses>> Handle(WalkCauses ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAuditor)
            return No.AuditorsOnly;
        var steps = new List<AuditedEvent>();
        var seen = new HashSet<Guid>();
        var next = await log.Find(ask.Event, cancellationToken);
        while (next is not null && steps.Count < MostSteps && seen.Add(next.Event.Id))
        {
            steps.Add(next);
            next = await Cause(next, cancellationToken);
        }

        if (steps.Count == 0)
            return No.NoSuchEvent;
        var entries = await Entries(steps, new People(accounts, groups, streams), cancellationToken);
        var first = entries[^1];
        return new TrailCauses(entries, first.CausationId is not null ? null
            : new TrailCommand(first.Request, first.Via, first.Actor, first.At, first.CorrelationId));
    }

    // What a deadline brought about bears no cause: the deadline follows from what stood in the stream before.
    private async Task<AuditedEvent?> Cause(AuditedEvent of, CancellationToken cancel) =>
        Guid.TryParse(of.Event.CausationId, out var cause) ? await log.Find(cause, cancel)
        : of.Event.CausationId is null && of.Via is "work" && of.Event.Version > 1
            ? await log.Find(of.Event.Stream.Name, of.Event.Version - 1, cancel)
        : null;

    private async IAsyncEnumerable<string> Lines(ExportTrail ask, long upto, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (ask.Format == TrailFormat.Csv)
            yield return TrailLines.Head;
        var (question, people) = (Question(ask.Filter), new People(accounts, groups, streams));
        for (var after = 0L; ;)
        {
            var page = await log.Read(question, after, upto, AtOnce, cancel);
            foreach (var entry in await Entries(page.Events, people, cancel))
                yield return ask.Format == TrailFormat.Csv ? TrailLines.Csv(entry) : TrailLines.Ndjson(entry);
            if (page.IsEnd)
                yield break;
            after = page.Upto;
        }
    }

    private async Task<Answer<long>> End(TrailFilter filter, CancellationToken cancel)
    {
        if (filter.AsOf is { } asOf)
            return (await past.Locate(asOf, cancel)).Map(moment => moment.Position);
        return await log.End(cancel);
    }

    private AuditQuestion Question(TrailFilter filter)
    {
        var named = new List<IReadOnlyList<string>>();
        if (filter.Stream is { } stream)
            named.Add([stream]);
        if (filter.File is { } file)
            named.Add([.. slices.All.SelectMany(slice => slice.FileStreams).Select(of => of(file)).Append(AuditDecider.StreamsAbout(file.Value))]);
        if (filter.Folder is { } folder)
            named.Add([.. slices.All.SelectMany(slice => slice.FolderStreams).Select(of => of(folder)).Append(AuditDecider.StreamsAbout(folder.Value))]);
        return new AuditQuestion(
            Both(named), filter.Actor, filter.Person,
            (filter.Kind, filter.Outcome) switch
            {
                (null, TrailOutcome.Refused) => Refusals,
                (null, _) => null,
                ({ } kind, TrailOutcome.Refused) => [.. Refusals.Where(one => IsOf(one, kind) || IsOf(kind, one)).Select(one => IsOf(kind, one) ? kind : one)],
                ({ } kind, _) => [kind],
            },
            filter.Outcome == TrailOutcome.Done ? Refusals : null, filter.Correlation, filter.From, filter.To);
    }

    // What is in all of them: of two names one must begin with the other.
    private static IReadOnlyList<string>? Both(List<IReadOnlyList<string>> named) => named.Count == 0 ? null : named.Aggregate((some, others) =>
        [.. some.SelectMany(one => others.Where(other => IsWithin(one, other) || IsWithin(other, one)).Select(other => one.Length > other.Length ? one : other)).Distinct(StringComparer.Ordinal)]);

    private static bool IsWithin(string name, string above) => name == above || name.StartsWith(above + "-", StringComparison.Ordinal);

    private static bool IsOf(string kind, string above) => kind == above || kind.StartsWith(above + ".", StringComparison.Ordinal);

    private static string Spelled(TrailFilter filter) => string.Join(' ', new (string Name, object? Value)[]
    {
        ("stream", filter.Stream), ("file", filter.File), ("folder", filter.Folder), ("person", filter.Person), ("actor", filter.Actor),
        ("kind", filter.Kind), ("outcome", filter.Outcome?.ToString().ToLowerInvariant()), ("correlation", filter.Correlation),
        ("from", filter.From?.ToString("O", CultureInfo.InvariantCulture)), ("to", filter.To?.ToString("O", CultureInfo.InvariantCulture)),
        ("asOf", filter.AsOf),
    }.Where(one => one.Value is not null).Select(one => $"{one.Name}={one.Value}"));

    private static async Task<List<TrailEntry>> Entries(IReadOnlyList<AuditedEvent> events, People people, CancellationToken cancel)
    {
        var entries = new List<TrailEntry>(events.Count);
        foreach (var one in events)
            entries.Add(Entry(
                one, await people.Name(one.Event.Actor, cancel), await people.Address(one, cancel),
                await people.Space(one.Event.Stream.Tenant, cancel)));
        return entries;
    }

    private static TrailEntry Entry(AuditedEvent one, HistoryActor? actor, string? address, GroupId? space)
    {
        var happened = one.Event;
        var isRefused = happened.Fact is AuditEvent.Refused or AuditEvent.RefusedAgain or AuditEvent.RefusedMore;
        return new TrailEntry(
            happened.Position, happened.At, isRefused ? TrailOutcome.Refused : TrailOutcome.Done, happened.Name, one.Request, one.Via, actor,
            address, space is not null || happened.Stream.Tenant == RefusedRequest.Nobody ? null : happened.Stream.Tenant, happened.Stream.Name, happened.Version,
            happened.Id, happened.CorrelationId, happened.CausationId, EventDetails.Of(happened.Fact))
        {
            Space = space,
        };
    }

    /// <summary>Who they are that a part of the log tells of; each is looked up once.</summary>
    private sealed class People(IAccounts accounts, IGroups groups, IStreams streams)
    {
        // An export may come past everybody there ever was.
        private const int Most = 1_000;

        private readonly Dictionary<AccountId, HistoryActor> names = [];
        private readonly Dictionary<AccountId, Dictionary<int, string>> addresses = [];
        private readonly Dictionary<AccountId, GroupId?> spaces = [];

        public async Task<HistoryActor?> Name(AccountId? who, CancellationToken cancel)
        {
            if (who is not { } actor)
                return null;
            if (!names.TryGetValue(actor, out var name))
                Room(names)[actor] = name = new HistoryActor(actor, (await accounts.Find(actor, cancel))?.DisplayName);
            return name;
        }

        /// <summary>The group whose space that is; null for a person.</summary>
        public async Task<GroupId?> Space(AccountId tenant, CancellationToken cancel)
        {
            if (!spaces.TryGetValue(tenant, out var space))
                Room(spaces)[tenant] = space = (await groups.OfSpace(tenant, cancel))?.Group;
            return space;
        }

        // Whoever was refused, or has just signed in, had no number yet: there it stands in the event.
        public async Task<string?> Address(AuditedEvent of, CancellationToken cancel)
        {
            if (of is not { Event.Actor: { } actor, AddressNumber: { } number })
                return of.Event.Fact is AuditEvent.Refused refused ? refused.Address : null;
            // Numbers grow: one that was noted since they were read is greater than all.
            if (!addresses.TryGetValue(actor, out var known) || known.Count < number)
                Room(addresses)[actor] = known = await Noted(actor, cancel);
            return known.GetValueOrDefault(number);
        }

        // After the person's erasure each reads so.
        private async Task<Dictionary<int, string>> Noted(AccountId who, CancellationToken cancel)
        {
            var noted = new Dictionary<int, string>();
            await foreach (var happened in streams.Read(AddressDecider.StreamOf(who).Name, 0, cancel))
            {
                if (happened.Fact is AddressEvent.Noted one)
                    noted[one.Number] = one.Address;
            }

            return noted;
        }

        private static Dictionary<AccountId, T> Room<T>(Dictionary<AccountId, T> of)
        {
            if (of.Count >= Most)
                of.Clear();
            return of;
        }
    }
}
