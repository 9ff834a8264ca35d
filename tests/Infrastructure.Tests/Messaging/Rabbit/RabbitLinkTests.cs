using System.Reflection;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Messaging.Rabbit;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace EventFiles.Infrastructure.Tests.Messaging.Rabbit;

/// <summary>What the link does about a client library that waits for ever; against the broker it is tested elsewhere.</summary>
public sealed class RabbitLinkTests
{
    [Fact]
    public async Task A_channel_that_does_not_end_is_left_behind()
    {
        var time = new ManualTime();
        using var topology = new RabbitTopology(new WorkFormat(new Slices([])), new MessagingSettings());
        await using var link = new RabbitLink("test", new Uri("amqp://127.0.0.1:1"), topology, time, NullLogger<RabbitLink>.Instance);
        var channel = DispatchProxy.Create<IChannel, Endless>();

        var closing = link.Close(channel);
        Assert.True(((Endless)(object)channel).IsAsked);
        Assert.False(closing.IsCompleted);

        time.Advance(TimeSpan.FromMinutes(1));
        await Wait.For(closing);
    }

    /// <summary>Whatever it is asked, it never comes to an end.</summary>
    public class Endless : DispatchProxy
    {
        public bool IsAsked { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            IsAsked = true;
            var never = new TaskCompletionSource().Task;
            return targetMethod!.ReturnType == typeof(ValueTask) ? new ValueTask(never) : never;
        }
    }
}
