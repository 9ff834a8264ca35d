using RabbitMQ.Client;

namespace EventFiles.Infrastructure.Tests.Messaging.Rabbit;

/// <summary>The broker as anybody else sees it.</summary>
internal sealed record RawChannel(IConnection Connection, IChannel Channel) : IAsyncDisposable
{
    public static async Task<RawChannel> Open(string url)
    {
        var cancel = TestContext.Current.CancellationToken;
        var connection = await new ConnectionFactory { Uri = new Uri(url), AutomaticRecoveryEnabled = false }.CreateConnectionAsync(cancel);
        return new RawChannel(connection, await connection.CreateChannelAsync(cancellationToken: cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.AbortAsync();
        await Channel.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
