using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ObjectStorage;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Bench;

/// <summary>
/// Events that tell of a person, their values committed to, sealed under the person's key and kept beside the log, against
/// the same events with nothing that is personal.
/// </summary>
internal static class PersonalValues
{
    private const int Persons = 100;

    private static readonly Decider<Tell, Told, Public> Plainly = new(new Told(0), (told, _) => new Told(told.Times + 1), (_, tell, _) => new Public(tell.Name, tell.Address, 1));

    private static readonly Decider<Tell, Told, Private> Privately = new(new Told(0), (told, _) => new Told(told.Times + 1), (_, tell, _) => new Private(tell.Name, tell.Address, 1));

    private static readonly int[] Tasks = [8, 32];

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var connection = await arena.NewDatabase("personal", cancel);
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(new Slices([new Slice("bench").Stores<Public>("bench.public.v1").Stores<Private>("bench.private.v1")]))
            .AddEventStore(connection)
            .AddDirectoryObjects(await arena.NewFolder("personal-objects"))
            .AddEncryption(EraKeys.In(await arena.NewFolder("personal-keys"), mayMake: true), isOn: true)
            .BuildServiceProvider();
        var streams = services.GetRequiredService<IStreams>();
        var persons = Enumerable.Range(0, Persons).Select(_ => new AccountId(Guid.CreateVersion7())).ToArray();

        async Task Append<TEvent>(int task, Decider<Tell, Told, TEvent> decider, CancellationToken stop)
            where TEvent : class
        {
            var person = persons[Random.Shared.Next(Persons)];
            var stream = new StreamId($"{typeof(TEvent).Name}-{task}-{person}", person);
            var tell = new Tell("Somebody's file name.txt", "2001:db8::1");
            var answer = await streams.Transact<Done>(
                async transaction => await transaction.Decide(stream, decider, tell) is { } no ? no : default(Done), stop);
            if (answer is not Answer<Done>.Yes { Position: > 0 })
                throw new BenchException("An event was not appended.");
        }

        Contestant Of(string name, int tasks, Func<int, CancellationToken, Task> append) =>
            new(name, (time, stop) => Load.Run(tasks, time, async task => await append(task, stop), stop))
            {
                Processes = [arena.PostgresId],
                IsHere = true,
            };

        return new Prepared(
            new Contest(
                "events/s",
                [
                    .. Tasks.SelectMany(tasks => (Contestant[])
                    [
                        Of($"public, {tasks} tasks", tasks, (task, stop) => Append(task, Plainly, stop)),
                        Of($"personal, {tasks} tasks", tasks, (task, stop) => Append(task, Privately, stop)),
                    ]),
                ],
                [.. Tasks.Select(tasks => new Goal($"personal values, {tasks} tasks", $"personal, {tasks} tasks", $"public, {tasks} tasks", 0.8))])
            {
                Turn = TimeSpan.FromSeconds(4),
                WarmUp = TimeSpan.FromSeconds(3),
            },
            async stop =>
            {
                await using var database = LimitServer.Database(connection);
                await using var command = database.CreateCommand(
                    """
                    select (select count(*) from mt_events where type = 'bench.private.v1') = count(*) and bool_and(get_byte(fields, 0) = 1)
                    from eventfiles.event_private
                    """);
                if (!(bool)(await command.ExecuteScalarAsync(stop))!)
                    throw new BenchException("Personal values do not stand sealed beside their events.");
                await services.DisposeAsync();
            });
    }

    private sealed record Tell(string Name, string Address);

    private sealed record Told(int Times);

    internal sealed record Public(string Name, string Address, int Number);

    internal sealed record Private([Personal] string Name, [Personal] string Address, int Number);
}
