using System.Diagnostics;
using EventFiles.Features.Audit;
using EventFiles.Infrastructure.Auditing;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.Tests.Equality;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Auditing;

/// <summary>What is refused comes into the log behind whoever was refused.</summary>
public sealed class RefusalRecorderTests(PostgresFixture postgres) : ProductStage(postgres)
{
    private RefusalRecorder Recorder => Node.Get<RefusalRecorder>();

    [Fact]
    public async Task While_the_log_cannot_be_written_nobody_waits_and_afterwards_it_is_there_or_counted()
    {
        var database = Node.Get<NpgsqlDataSource>().ConnectionString;
        await PostgresFixture.AsOwner(database, $"revoke insert on public.mt_events from {PostgresFixture.Application}");
        var began = Stopwatch.GetTimestamp();
        for (var number = 0; number < RefusalRecorder.Waiting * 2; number++)
            Recorder.Tell(By(Olga.Account, number));
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2), "Telling waits for something.");
        Assert.Empty(await Told<AuditEvent.Refused>());

        await PostgresFixture.AsOwner(database, $"grant insert on public.mt_events to {PostgresFixture.Application}");
        await Wait.Until(async () => (await Told<AuditEvent.Refused>()).Count == RefusalWindow.OfOne, "what was told first is written down");
        await Wait.Until(() => Recorder.Lost == 0, "the others are counted");
        await After(RefusalWindow.Length);
        await Wait.Until(async () => (await Told<AuditEvent.RefusedMore>()).Sum(one => ((AuditEvent.RefusedMore)one.Fact).Times)
            == (RefusalRecorder.Waiting * 2) - RefusalWindow.OfOne, "all the others are counted in the log");
    }

    [Fact]
    public async Task A_refusal_bears_who_asked_in_which_trace_and_its_address_under_their_key_and_repeats_are_counted()
    {
        var refused = By(Olga.Account, 7);
        for (var times = 0; times < 500; times++)
            Recorder.Tell(refused);
        await Wait.Until(async () => (await Told<AuditEvent.Refused>()).Count == 1, "the first is written down");
        var told = (await Told<AuditEvent.Refused>())[0];
        Assert.Equal((Olga.Account, "trace", Olga.Account), (told.Actor, told.CorrelationId, told.Stream.Tenant));
        Assert.Equal(("192.0.2.1", refused.Target.File), (((AuditEvent.Refused)told.Fact).Address, ((AuditEvent.Refused)told.Fact).OnFile));
        await using (var asks = Node.Get<NpgsqlDataSource>().CreateCommand("select count(*) from public.mt_events where data::text like '%192.0.2.1%'"))
            Assert.Equal(0L, await asks.ExecuteScalarAsync(TestContext.Current.CancellationToken));

        await After(RefusalWindow.Length);
        await Wait.Until(async () => (await Told<AuditEvent.RefusedAgain>()).Count == 1, "how often it happened again is written down");
        Assert.Equal(499, ((AuditEvent.RefusedAgain)(await Told<AuditEvent.RefusedAgain>())[0].Fact).Times);
    }

    [Fact]
    public async Task A_stop_writes_down_what_was_counted()
    {
        Recorder.Tell(By(Olga.Account, 7));
        Recorder.Tell(By(Olga.Account, 7));
        await Wait.Until(async () => (await Told<AuditEvent.Refused>()).Count == 1, "the first is written down");
        await Node.StopWork();
        Assert.Single(await Told<AuditEvent.RefusedAgain>());
    }

    [Fact]
    public async Task Clients_are_told_of_and_neither_work_nor_what_is_not_there()
    {
        var missing = new FileId(Guid.CreateVersion7());
        await Refused(new ReadHistory(Olga, missing, null, 10));
        Origin.Current = Origin.Current with { Via = "api", Address = "192.0.2.1", IsQuestion = true };
        await Refused(new ReadHistory(Olga, missing, null, 10));
        await Refused(new ReadTrail(Olga with { IsAuditor = false }, All, null, 10));
        Origin.Current = Origin.Current with { IsQuestion = false };
        await Refused(new ReadHistory(Olga, missing, null, 0));
        await Wait.Until(async () => (await Told<AuditEvent.Refused>()).Count == 2, "two are written down");
        Assert.Equal(
            [("ReadTrail", "audit.auditors-only", null), (nameof(ReadHistory), PipelineServices.WrongShape.Code, missing)],
            (await Told<AuditEvent.Refused>()).Select(one => (AuditEvent.Refused)one.Fact).Select(one => (one.Request, one.Code, one.OnFile)));
    }

    private static readonly TrailFilter All = new(null, null, null, null, null, null, null, null, null, null, null);

    // The wait of whoever sleeps until the window is over is one of the clock's own.
    private async Task After(TimeSpan time)
    {
        Clock.Leap(time);
        Recorder.Tell(By(new AccountId(Guid.CreateVersion7()), 1));
        await Task.Yield();
    }

    private async Task Refused<T>(MediatR.IRequest<Answer<T>> request) => Assert.NotNull((await Node.Ask(request)).Refusal);

    private async Task<List<RecordedEvent>> Told<TEvent>() where TEvent : AuditEvent =>
        await Node.Get<IStreams>().ReadAll([typeof(TEvent)], TestContext.Current.CancellationToken)
            .Where(one => one.Actor == Olga.Account || one.Fact is not AuditEvent.Refused)
            .ToListAsync(TestContext.Current.CancellationToken);

    private static RefusedRequest By(AccountId account, int number) => new(
        "DeleteFile", "files.not-allowed", account, null, new RequestTarget(new FileId(new Guid(number, 1, 1, new byte[8])), null, null),
        "192.0.2.1", "trace");
}
