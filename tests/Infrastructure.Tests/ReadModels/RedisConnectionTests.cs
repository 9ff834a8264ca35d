using System.Net;
using System.Net.Sockets;
using EventFiles.Infrastructure.ReadModels.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFiles.Infrastructure.Tests.ReadModels;

/// <summary>What the client library does not do by itself.</summary>
public sealed class RedisConnectionTests(RedisFixture redis)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_script_that_the_server_has_forgotten_is_sent_again()
    {
        await using var connection = To(redis.Settings);
        Assert.Equal(1, (int)await connection.Run("return 1", [], [], Cancel));
        await redis.Server.Do("SCRIPT", "FLUSH");
        Assert.Equal(1, (int)await connection.Run("return 1", [], [], Cancel));
    }

    [Fact]
    public async Task What_one_caller_does_with_its_answer_holds_up_nobody_elses()
    {
        await using var connection = To(redis.Settings);
        await connection.Run("return 1", [], [], Cancel);
        using var other = new ManualResetEventSlim();
        var first = Task.Run(
            async () =>
            {
                await connection.Run("return 2", [], [], Cancel);
                // Here, on whatever thread brought the answer.
                Assert.True(other.Wait(TimeSpan.FromMinutes(3)), "The other answer never came.");
            },
            Cancel);
        for (var i = 0; i < 10; i++)
            await connection.Run("return 3", [], [], Cancel);
        other.Set();
        await first;
    }

    [Fact]
    public async Task A_connection_whose_other_end_is_gone_without_a_word_is_given_up_for_another()
    {
        using var relay = new Relay(redis.Server.Port);
        await using var connection = To(new RedisSettings(
            RedisAddress.Parse($"redis://127.0.0.1:{relay.Port}"), TimeSpan.FromMilliseconds(500))
        {
            BetweenTries = TimeSpan.FromMilliseconds(20),
            LongestSilence = TimeSpan.FromSeconds(1),
        });
        await Answers(connection);
        relay.LoseAll();
        await Assert.ThrowsAsync<TransientException>(() => connection.Run("return 1", [], [], Cancel));

        // The old one answers never again.
        await Answers(connection);
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_a_right_one_is_taken()
    {
        var folder = Directory.CreateTempSubdirectory("ef-redis-");
        await using var server = await RedisServer.Start(folder.FullName, "--requirepass", "p:w/d");
        using var log = new Logged();
        using var factory = new LoggerFactory([log]);
        // The library asks for as long as it may before it says no.
        var wrong = new RedisSettings(RedisAddress.Parse($"redis://:wrong@127.0.0.1:{server.Port}"), TimeSpan.FromSeconds(5));
        await using (var refused = new RedisConnection(wrong, TimeProvider.System, factory.CreateLogger<RedisConnection>()))
        {
            await Assert.ThrowsAsync<TransientException>(() => refused.Run("return 1", [], [], Cancel));
            await Wait.Until(
                () => log.Lines.Any(line => line.Text.Contains("AuthenticationFailure", StringComparison.Ordinal)
                    || line.Text.Contains("are user and password right", StringComparison.Ordinal)),
                "the reason");
            Assert.DoesNotContain(log.Lines, line => line.Text.Contains("wrong", StringComparison.Ordinal));
        }

        await using (var taken = To(new RedisSettings(RedisAddress.Parse($"redis://:p%3Aw%2Fd@127.0.0.1:{server.Port}/3"), TimeSpan.FromSeconds(60))))
        {
            await Answers(taken);
            await taken.Call(database => database.StringSetAsync("where", "third"), Cancel);
        }

        Assert.Equal("third", await server.Do("-a", "p:w/d", "--no-auth-warning", "-n", "3", "GET", "where"));
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("127.0.0.1:6379", "redis://")]
    [InlineData("http://127.0.0.1:6379", "redis://")]
    [InlineData("redis://", "redis://")]
    [InlineData("redis://olga:secret@127.0.0.1", "user names")]
    [InlineData("redis://127.0.0.1/first", "number")]
    [InlineData("redis://127.0.0.1/-1", "number")]
    [InlineData("redis://127.0.0.1/0?tls=true", "behind the database")]
    public void An_address_that_cannot_be_used_is_refused_with_its_reason_and_without_its_password(string text, string why)
    {
        Assert.False(RedisAddress.TryParse(text, out _, out var said));
        Assert.Contains(why, said, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Assert.Throws<FormatException>(() => RedisAddress.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis://cache", "redis://cache:6379/0")]
    [InlineData("redis://:secret@cache:7000/2", "redis://cache:7000/2")]
    [InlineData("rediss://default:secret@cache", "rediss://cache:6379/0")]
    [InlineData("redis://[::1]:7000", "redis://[::1]:7000/0")]
    public void An_address_shows_itself_without_its_password(string text, string shown) =>
        Assert.Equal(shown, RedisAddress.Parse(text).ToString());

    private static RedisConnection To(RedisSettings settings) =>
        new(settings, TimeProvider.System, NullLogger<RedisConnection>.Instance);

    private static Task Answers(RedisConnection connection) => Wait.Until(
        async () =>
        {
            try
            {
                return (int)await connection.Run("return 1", [], [], Cancel) == 1;
            }
            catch (TransientException)
            {
                return false;
            }
        },
        "an answer");

    /// <summary>Stands between a client and a server, and may lose connections so that neither end hears of it.</summary>
    private sealed class Relay : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly List<(TcpClient Client, TcpClient Server)> open = [];
        private readonly int server;
        private volatile CancellationTokenSource losing = new();

        public Relay(int server)
        {
            this.server = server;
            listener.Start();
            _ = Accept();
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public void LoseAll() => Interlocked.Exchange(ref losing, new CancellationTokenSource()).Cancel();

        public void Dispose()
        {
            listener.Dispose();
            foreach (var (client, to) in open)
            {
                client.Dispose();
                to.Dispose();
            }
        }

        private async Task Accept()
        {
            while (true)
            {
                TcpClient client;
                try
                {
                    client = await listener.AcceptTcpClientAsync();
                }
                catch (Exception over) when (over is SocketException or ObjectDisposedException)
                {
                    return;
                }

                var to = new TcpClient();
                await to.ConnectAsync(IPAddress.Loopback, server);
                open.Add((client, to));
                var lost = losing.Token;
                _ = Copy(client.GetStream(), to.GetStream(), lost);
                _ = Copy(to.GetStream(), client.GetStream(), lost);
            }
        }

        private static async Task Copy(NetworkStream from, NetworkStream to, CancellationToken lost)
        {
            try
            {
                await from.CopyToAsync(to, lost);
            }
            catch (Exception over) when (over is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // Lost, or ended: nothing is closed here.
            }
        }
    }
}
