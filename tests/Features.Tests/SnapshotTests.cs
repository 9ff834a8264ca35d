using System.Reflection;
using System.Text.Json;
using EventFiles.Features.Accounts;
using EventFiles.Features.Process;
using EventFiles.Features.Quota;
using EventFiles.Features.Scan;
using EventFiles.Features.Share;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Features.Tests;

/// <summary>
/// For every decider whose states are kept: over random histories of its own commands, the state that was kept and read
/// back, and the events after it, make the same state as all events.
/// </summary>
public sealed class SnapshotTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, Action<Random>> Histories = new(StringComparer.Ordinal)
    {
        ["quota"] = random => Check(QuotaDecider.Decider, random, Quota),
        ["link"] = random => Check(LinkDecider.Decider, random, Link),
        ["inbox"] = random => Check(InboxDecider.Decider, random, Inbox),
        ["session"] = random => Check(SessionDecider.Decider, random, Session),
        ["process"] = random => Check(ProcessDecider.Decider, random, Process),
        ["scan"] = random => Check(ScanDecider.Decider, random, Scan),
    };

    public static TheoryData<string> Kept => [.. Histories.Keys];

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_kept_state_and_the_tail_make_the_same_as_all_events(string name)
    {
        for (var seed = 0; seed < 60; seed++)
            Histories[name](new Random(seed));
    }

    [Fact]
    public void Every_decider_whose_states_are_kept_is_tried() =>
        Assert.Equal(
            Histories.Keys.Order(StringComparer.Ordinal),
            typeof(Slice).Assembly.GetTypes()
                .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
                .Where(field => field.FieldType.IsGenericType && field.FieldType.GetGenericTypeDefinition() == typeof(Decider<,,>))
                .Select(field => (SnapshotShape?)field.FieldType.GetProperty("Snapshots")!.GetValue(field.GetValue(null)))
                .OfType<SnapshotShape>().Select(shape => shape.Name).Order(StringComparer.Ordinal));

    private static void Check<TCommand, TState, TEvent>(
        Decider<TCommand, TState, TEvent> decider, Random random, Func<Random, TState, TCommand> next)
        where TState : class where TEvent : class
    {
        var (history, state) = (new List<TEvent>(), decider.Initial);
        for (var asked = 0; asked < 60; asked++)
        {
            var now = Noon.AddMinutes(asked * random.Next(1, 3));
            if (decider.Decide(state, next(random, state), now) is not Decision<TEvent>.Accepted yes)
                continue;
            history.AddRange(yes.Events);
            state = decider.Fold(history);
        }

        Assert.NotEmpty(history);
        for (var kept = 0; kept <= history.Count; kept++)
        {
            var written = Written(decider.Fold(history.Take(kept)));
            var read = JsonSerializer.Deserialize<TState>(written, EventTypes.Json)!;
            Assert.Equal(written, Written(read));
            Assert.Equal(Written(state), Written(history.Skip(kept).Aggregate(read, decider.Evolve)));
        }
    }

    // Sets and maps come in the order of their hashes, which is one order within a process.
    private static string Written<TState>(TState state) => JsonSerializer.Serialize(state, EventTypes.Json);

    private static QuotaCommand Quota(Random random, QuotaState space)
    {
        var (upload, file, bytes) = (new UploadId(Of(random, 8)), new FileId(Of(random, 5)), random.Next(0, 1000));
        return random.Next(8) switch
        {
            7 => new QuotaCommand.SetRules(new(random.Next(500, 900), random.Next(3, 6), 950)),
            0 => new QuotaCommand.SetLimit(random.Next(1000, 5000)),
            1 or 2 => new QuotaCommand.Reserve(upload, bytes, Noon.AddDays(1)),
            3 => new QuotaCommand.Release(upload),
            4 => new QuotaCommand.Charge(upload, file, bytes),
            5 => new QuotaCommand.FreeUpload(upload, file),
            _ => new QuotaCommand.Free(file),
        };
    }

    private static LinkCommand Link(Random random, LinkState link) => random.Next(20) switch
    {
        < 4 => new LinkCommand.Create(
            new(Of(random, 1)), new(Of(random, 1)), "digest", random.Next(2) == 0, LinkRole.Viewer,
            random.Next(2) == 0 ? null : Noon.AddHours(random.Next(1, 3)), random.Next(2) == 0 ? null : random.Next(1, 30)),
        < 12 => new LinkCommand.Use(),
        < 19 => new LinkCommand.Continue(),
        _ => new LinkCommand.Revoke(),
    };

    private static InboxCommand Inbox(Random random, InboxState inbox) => random.Next(20) switch
    {
        < 4 => new InboxCommand.Open(
            new(Of(random, 1)), new(Of(random, 1)), "digest", "What is asked for", random.Next(2) == 0,
            random.Next(2) == 0 ? null : Noon.AddHours(random.Next(1, 3)), random.Next(2) == 0 ? null : random.Next(1, 30), 1000),
        < 19 => new InboxCommand.Receive(new(Of(random, 9)), Noon.AddMinutes(random.Next(100))),
        _ => new InboxCommand.Close(),
    };

    private static SessionCommand Session(Random random, SessionState session)
    {
        var known = session.Current.Union(session.Former).Append("unknown").Order(StringComparer.Ordinal).ToArray();
        return random.Next(30) switch
        {
            < 3 => new SessionCommand.Open(
                new(Of(random, 1)), new(Of(random, 1)), SessionKind.Api, "family", "token-0", random.Next(3), "browser"),
            29 => new SessionCommand.End((SessionEnd)random.Next(4)),
            _ => new SessionCommand.Refresh("family", known[random.Next(known.Length)], $"token-{random.Next(1000)}"),
        };
    }

    private static ProcessCommand Process(Random random, ProcessState file)
    {
        var (id, job, variant) = (new FileId(Of(random, 1)), new JobId(Of(random, 6)), $"resize-{random.Next(4)}");
        var stored = new ObjectKey($"raw/{random.Next(3)}");
        return random.Next(40) switch
        {
            < 10 => new ProcessCommand.Plan(id, random.Next(1, 4), stored, "image/png", [new PlannedStep(job, "resize", variant, 100, 100)]),
            < 20 => new ProcessCommand.StartStep(id, job) { Worker = Of(random, 2) },
            < 26 => new ProcessCommand.SucceedStep(id, job, "1", new MadeVariant(1, variant, stored, "image/webp", 77, 10, 10)),
            < 34 => new ProcessCommand.DelayStep(id, job, random.Next(1, 4), "disk"),
            < 38 => new ProcessCommand.FailStep(id, job, "corrupt", "It cannot be read."),
            38 => new ProcessCommand.CancelVersion(id, random.Next(1, 4)),
            _ => new ProcessCommand.Cancel(id),
        };
    }

    private static ScanCommand Scan(Random random, ScanState file)
    {
        var (id, version) = (new FileId(Of(random, 1)), random.Next(1, 4));
        ScanOutcome outcome = random.Next(3) switch
        {
            0 => new ScanOutcome.Clean(),
            1 => new ScanOutcome.Found($"Threat.{random.Next(2)}"),
            _ => new ScanOutcome.NotScannable("refused"),
        };
        return random.Next(4) == 0 ? new ScanCommand.Release(id, version, new(Of(random, 2)), "a mistake")
            : random.Next(4) == 0 ? new ScanCommand.MissDeadline(id, version, random.Next(2) == 0)
            : new ScanCommand.Judge(id, version, outcome, $"signatures {random.Next(3)}", random.Next(2) == 0 ? null : Noon.AddHours(random.Next(3)));
    }

    private static Guid Of(Random random, int many) => new(random.Next(many) + 1, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);
}
