using EventFiles.Features.Process;
using EventFiles.Infrastructure.Tests.Children;
using static EventFiles.Features.Process.ProcessEvent;

namespace EventFiles.Infrastructure.Tests.Processing;

/// <summary>Two nodes on one database get the same work. No test waits as long as a deadline: nothing is taken over by it.</summary>
public sealed class SeveralWorkersTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly TaskCompletionSource reached = new();
    private readonly TaskCompletionSource revived = new();
    private string database = "";
    private Workshop first = null!;
    private Workshop second = null!;

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateDatabase();
        first = await new Workshop(database, TimeProvider.System).Appear();
        second = await new Workshop(database, TimeProvider.System, beside: first).Appear();
    }

    public async ValueTask DisposeAsync()
    {
        await second.DisposeAsync();
        await first.DisposeAsync();
    }

    [Fact]
    public async Task What_a_living_worker_is_doing_no_other_does_and_no_attempt_is_counted()
    {
        var (jobs, running) = await Hang();

        for (var deliveries = 0; deliveries <= ProcessDecider.MaxAttempts; deliveries++)
            Assert.Equal(ProcessRejection.Running, (await second.Deliver(jobs)).Refusal);
        Assert.Equal([1], await Attempts());

        revived.SetResult();
        await Wait.For(running);
        Assert.Null((await second.Deliver(jobs)).Refusal);
        Assert.Equal([typeof(Planned), typeof(StepStarted), typeof(StepSucceeded)], (await first.History()).Select(fact => fact.GetType()));
    }

    [Fact]
    public async Task What_a_dead_worker_was_doing_another_does_at_once()
    {
        var (jobs, running) = await Hang();
        await first.Vanish();

        await Wait.Until(async () => (await second.Deliver(jobs)).Refusal is null, "the database to know of its death");
        Assert.Equal([1, 2], await Attempts());
        Assert.Equal(["thumbnail"], await second.Variants());

        // One that was only cut off comes to its end as well: that changes nothing.
        revived.SetResult();
        await Wait.For(running);
        Assert.Single((await first.History()).OfType<StepSucceeded>());
        Assert.Equal(["thumbnail"], await second.Variants());
    }

    [Fact]
    public async Task Work_that_comes_to_two_workers_at_once_is_done_once()
    {
        var jobs = await first.Upload(Samples.Photo(40, 20), "image/jpeg");
        await Task.WhenAll(first.Deliver(jobs), second.Deliver(jobs.Reverse()), first.Deliver(jobs.Reverse()), second.Deliver(jobs));

        var history = await first.History();
        Assert.Equal(jobs.Select(job => job.JobId.Value).Order(), history.OfType<StepStarted>().Select(started => started.Job.Value).Order());
        Assert.Equal(jobs.Select(job => job.JobId.Value).Order(), history.OfType<StepSucceeded>().Select(done => done.Job.Value).Order());
    }

    [Fact]
    public async Task An_attempt_whose_end_could_not_be_told_is_repeated_at_once_by_the_same_worker()
    {
        var jobs = (await first.Upload(Samples.Photo(40, 20), "image/jpeg")).Take(1).ToArray();
        first.BeforeRendering = async _ =>
        {
            first.BeforeRendering = _ => Task.CompletedTask;
            await PostgresFixture.AsOwner(
                database,
                $"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = '{PostgresFixture.Application}' and application_name = ''");
        };
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => first.Deliver(jobs));

        Assert.Null((await first.Deliver(jobs)).Refusal);
        Assert.Equal([1, 2], await Attempts());
        Assert.Equal(["thumbnail"], await first.Variants());
    }

    private async Task<(PlannedJob[] Jobs, Task Running)> Hang()
    {
        first.BeforeRendering = _ =>
        {
            reached.SetResult();
            return revived.Task;
        };
        var jobs = (await first.Upload(Samples.Photo(40, 20), "image/jpeg")).Take(1).ToArray();
        var running = first.Deliver(jobs);
        await Wait.For(reached.Task);
        return (jobs, running);
    }

    private async Task<IEnumerable<int>> Attempts() => (await first.History()).OfType<StepStarted>().Select(started => started.Attempt);
}
