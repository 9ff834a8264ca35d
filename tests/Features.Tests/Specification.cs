using System.Text.Json;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Features.Tests;

/// <summary>
/// Given a history, when a command arrives, then these events. Every specification also proves two things
/// nobody has to remember to ask: each event survives storage, and the same command again changes nothing.
/// </summary>
public sealed class Specification<TCommand, TState, TEvent>(
    Decider<TCommand, TState, TEvent> decider, DateTimeOffset now)
    where TState : class
    where TEvent : class
{
    public History Given(params TEvent[] history) => new(this, history);

    private Decision<TEvent> Decide(TEvent[] history, TCommand command) =>
        decider.Decide(decider.Fold(history), command, now);

    public sealed class History(Specification<TCommand, TState, TEvent> spec, TEvent[] history)
    {
        public Outcome When(TCommand command) => new(spec, history, command);
    }

    public sealed class Outcome(Specification<TCommand, TState, TEvent> spec, TEvent[] history, TCommand command)
    {
        public void Then(params TEvent[] expected)
        {
            var happened = Accepted(history);
            Assert.Equal(expected, happened);
            Assert.All([.. history, .. happened], SurvivesStorage);
            Assert.Empty(Accepted([.. history, .. happened]));
        }

        /// <summary>For commands that do something each time they are asked, such as using a link.</summary>
        public void ThenEachTime(params TEvent[] expected)
        {
            var happened = Accepted(history);
            Assert.Equal(expected, happened);
            Assert.All([.. history, .. happened], SurvivesStorage);
        }

        public void ThenNothing() => Assert.Empty(Accepted(history));

        public void ThenRejected(Rejection why) =>
            Assert.Equal(why, Assert.IsType<Decision<TEvent>.Rejected>(spec.Decide(history, command)).Why);

        private TEvent[] Accepted(TEvent[] upTo) =>
            [.. Assert.IsType<Decision<TEvent>.Accepted>(spec.Decide(upTo, command)).Events];

        // Compared as JSON: records that hold collections have no equality of content.
        private static void SurvivesStorage(TEvent happened)
        {
            var json = JsonSerializer.Serialize(happened, happened.GetType(), EventTypes.Json);
            var back = JsonSerializer.Deserialize(json, happened.GetType(), EventTypes.Json);
            Assert.Equal(json, JsonSerializer.Serialize(back, happened.GetType(), EventTypes.Json));
        }
    }
}
