using EventFiles.Features.Audit;
using EventFiles.Infrastructure.Auditing;
using EventFiles.Infrastructure.Tests.Equality;

namespace EventFiles.Infrastructure.Tests.Auditing;

/// <summary>An auditor finds what they ask for, all of it and nothing else, whatever path the question takes.</summary>
public sealed class AuditLogTests(PostgresFixture postgres) : ProductStage(postgres)
{
    private static readonly AuditQuestion Any = new(null, null, null, null, null, null, null, null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IAuditLog Log => Node.Get<IAuditLog>();

    [Fact]
    public async Task Every_filter_finds_what_a_look_at_all_events_finds()
    {
        var (first, second) = (await Upload("first.txt", null), await Upload("second.txt", null));
        await Node.Get<IRefusalLog>().Record(Guid.NewGuid(), new RefusedRequest(
            "DeleteFile", "files.not-allowed", Olga.Account, null, new RequestTarget(first, null, null), "192.0.2.1", "trace"), Cancel);
        await Node.StopWork();
        var all = await Found(Any);
        Assert.Equal(await Node.Get<EventFiles.Infrastructure.EventStore.IEventFeed>().Last(Cancel), all[^1].Event.Position);
        var middle = all[all.Count / 2].Event;

        await Same(Any with { Streams = [$"upload-{first}", $"refused-{first}"] }, one => one.Stream.Name == $"upload-{first}" || one.Fact is AuditEvent.Refused);
        await Same(Any with { Streams = ["upload"] }, one => one.Stream.Name.StartsWith("upload-", StringComparison.Ordinal));
        await Same(Any with { Streams = ["uplo"] }, _ => false);
        await Same(Any with { Actor = Olga.Account }, one => one.Actor == Olga.Account);
        await Same(Any with { Person = Olga.Account }, one => one.Actor == Olga.Account || one.Stream.Tenant == Olga.Account);
        await Same(Any with { Kinds = ["upload"] }, one => one.Name.StartsWith("upload.", StringComparison.Ordinal));
        await Same(Any with { Kinds = ["upload.completed.v1"] }, one => one.Name == "upload.completed.v1");
        await Same(Any with { Kinds = ["upload.comp"] }, _ => false);
        await Same(Any with { NotKinds = ["upload", "quota"] }, one => !one.Name.StartsWith("upload.", StringComparison.Ordinal) && !one.Name.StartsWith("quota.", StringComparison.Ordinal));
        await Same(Any with { From = middle.At }, one => one.At >= middle.At);
        await Same(Any with { To = middle.At }, one => one.At < middle.At);
        await Same(Any with { From = middle.At, To = middle.At.AddTicks(10), Person = Olga.Account }, one => one.At == middle.At && one.Stream.Tenant == Olga.Account);
        await Same(Any with { Correlation = "nobody's" }, _ => false);
        Assert.True((await Found(Any with { Streams = [$"upload-{second}"] })).Count > 0);

        async Task Same(AuditQuestion asked, Func<RecordedEvent, bool> isWanted) => Assert.Equal(
            all.Select(one => one.Event).Where(isWanted).Select(one => one.Position), (await Found(asked)).Select(one => one.Event.Position));
    }

    [Fact]
    public async Task Page_by_page_and_out_of_patience_it_is_the_same()
    {
        for (var number = 0; number < 5; number++)
            await Upload($"{number}.txt", null);
        await Node.StopWork();
        var all = await Found(Any);
        var seldom = Any with { Kinds = ["accounts.registered"] };
        var end = await Log.End(Cancel);
        var inOne = (await Found(seldom)).Select(one => one.Event.Position);
        ((AuditLog)Log).Stretch = 5;
        ((AuditLog)Log).Patience = TimeSpan.Zero;

        Assert.Equal(all.Select(one => one.Event.Position), await Pages(Any));
        Assert.Equal(inOne, await Pages(seldom));
        // A page may be empty although more follows.
        Assert.Contains(await Stretches(seldom), page => page.Events.Count == 0 && !page.IsEnd);
        ((AuditLog)Log).Patience = TimeSpan.FromMinutes(1);
        Assert.Equal(all.Take(10).Select(one => one.Event.Position), (await Log.Read(Any, 0, all[9].Event.Position, 1000, Cancel)).Events.Select(one => one.Event.Position));

        async Task<IEnumerable<long>> Pages(AuditQuestion asked) =>
            (await Stretches(asked)).SelectMany(page => page.Events).Select(one => one.Event.Position);

        async Task<List<AuditStretch>> Stretches(AuditQuestion asked)
        {
            var pages = new List<AuditStretch>();
            for (var after = 0L; pages is [] or [.., { IsEnd: false }]; after = pages[^1].Upto)
            {
                pages.Add(await Log.Read(asked, after, end, 7, Cancel));
                Assert.True(pages[^1].Upto > after);
            }

            return pages;
        }
    }

    [Fact]
    public async Task An_event_is_found_by_its_id_before_the_tree_has_it_and_tells_with_which_request_it_came()
    {
        var file = await Upload("first.txt", null);
        await Node.StopWork();
        var completed = (await Found(Any with { Streams = [$"upload-{file}"] })).Single(one => one.Event.Name == "upload.completed.v1");
        var found = await Log.Find(completed.Event.Id, Cancel);
        Assert.Equal((completed.Event.Position, "ReceiveFile"), (found!.Event.Position, found.Request));
        Assert.Null(await Log.Find(Guid.NewGuid(), Cancel));
    }

    private async Task<IReadOnlyList<AuditedEvent>> Found(AuditQuestion asked)
    {
        var found = await Log.Read(asked, 0, await Log.End(Cancel), 10_000, Cancel);
        Assert.True(found.IsEnd);
        return found.Events;
    }
}
