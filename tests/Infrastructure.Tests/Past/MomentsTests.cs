using System.Globalization;
using EventFiles.Infrastructure.Past;
using EventFiles.Infrastructure.Tests.EventStore;

namespace EventFiles.Infrastructure.Tests.Past;

public sealed class MomentsTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_time_means_the_last_position_that_bears_it_or_an_earlier_one()
    {
        await using var store = new PastStore(await postgres.CreateDatabase());
        var chance = new Random(7);
        var (log, position, clock) = (new List<(long Position, DateTimeOffset At)>(), 0L, Noon);
        for (var number = 0; number < 400; number++)
        {
            position += chance.Next(3) == 0 ? chance.Next(1, 40) : 1;
            clock += TimeSpan.FromSeconds(chance.Next(5) == 0 ? 45 : chance.NextDouble() * 4);
            // Written up to a minute after it was stamped.
            log.Add((position, clock - TimeSpan.FromSeconds(chance.Next(4) == 0 ? chance.NextDouble() * 59 : 0)));
        }

        await Insert(store, log);

        for (var second = -70; second < (clock - Noon).TotalSeconds + 70; second += 3)
        {
            var time = Noon.AddSeconds(second);
            var expected = log.Where(happened => happened.At <= time).Select(happened => happened.Position).DefaultIfEmpty(0).Max();
            Assert.Equal(expected, await Located(store, time.ToString("O", CultureInfo.InvariantCulture)));
        }

        foreach (var (at, time) in log)
            Assert.True(await Located(store, time.ToString("O", CultureInfo.InvariantCulture)) >= at);
    }

    [Fact]
    public async Task The_answer_stays_when_the_log_grows()
    {
        await using var store = new PastStore(await postgres.CreateDatabase());
        await Insert(store, [.. Enumerable.Range(1, 50).Select(number => ((long)number, Noon.AddSeconds(number)))]);
        var before = await Located(store, "2026-03-01T12:00:20.5Z");
        await Insert(store, [.. Enumerable.Range(51, 300).Select(number => ((long)number, Noon.AddSeconds(number)))]);

        Assert.Equal(20, before);
        Assert.Equal(20, await Located(store, "2026-03-01T14:00:20.5+02:00"));
    }

    [Fact]
    public async Task A_position_means_itself_whether_or_not_an_event_has_it()
    {
        await using var store = new PastStore(await postgres.CreateDatabase());
        await Insert(store, [(2, Noon), (9, Noon)]);

        foreach (var position in new[] { 0, 1, 5, 9 })
            Assert.Equal(position, await Located(store, $"{position}"));
    }

    [Fact]
    public async Task What_is_no_moment_is_refused()
    {
        await using var store = new PastStore(await postgres.CreateDatabase());
        Assert.Equal(PastRejection.Unreadable, (await store.Past.Locate("yesterday", Cancel)).Refusal);
    }

    [Fact]
    public async Task What_is_yet_to_come_is_refused()
    {
        await using var store = new PastStore(await postgres.CreateDatabase());
        await Insert(store, [(1, Noon)]);
        Assert.Equal(PastRejection.NotYet, (await store.Past.Locate("2", Cancel)).Refusal);
        Assert.Equal(PastRejection.NotYet, (await store.Past.Locate("9223372036854775807", Cancel)).Refusal);
        Assert.Equal(PastRejection.NotYet, (await store.Past.Locate("9999-12-31T23:59:59Z", Cancel)).Refusal);
    }

    [Fact]
    public async Task A_position_that_has_not_settled_is_not_yet_to_be_had()
    {
        await using var store = new PastStore(await postgres.CreateDatabase());
        await using var slow = await store.Database.OpenConnectionAsync(Cancel);
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        await using (var draws = slow.CreateCommand())
        {
            draws.CommandText =
                "insert into mt_streams (id, version) values ('note-slow', 1); select nextval('mt_events_sequence');";
            await draws.ExecuteNonQueryAsync(Cancel);
        }

        await store.Append(Note.Owner, ($"delete-{Guid.NewGuid()}", new Features.Delete.DeleteEvent.Purged(default, 0)));
        Assert.Equal(PastRejection.NotYet, (await store.Past.Locate("2", Cancel)).Refusal);
        await transaction.RollbackAsync(Cancel);

        Assert.Equal(2, await Located(store, "2"));
    }

    private static async Task<long> Located(PastStore store, string asOf) =>
        Assert.IsType<Answer<Moment>.Yes>(await store.Past.Locate(asOf, Cancel)).Value.Position;

    private static async Task Insert(PastStore store, IReadOnlyList<(long Position, DateTimeOffset At)> events)
    {
        await using var command = store.Database.CreateCommand(
            """
            insert into mt_streams (id, version) select 'note-' || p, 1 from unnest($1) p;
            """);
        command.Parameters.AddWithValue(events.Select(one => one.Position).ToArray());
        await command.ExecuteNonQueryAsync(Cancel);
        await using var more = store.Database.CreateCommand(
            """
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
            select p, gen_random_uuid(), 'note-' || p, 1, '{}', 'notes.raw.v1', t from unnest($1, $2) as e (p, t)
            """);
        more.Parameters.AddWithValue(events.Select(one => one.Position).ToArray());
        more.Parameters.AddWithValue(events.Select(one => one.At).ToArray());
        await more.ExecuteNonQueryAsync(Cancel);
        await store.AsOwner($"select setval('mt_events_sequence', {events[^1].Position})");
    }
}
