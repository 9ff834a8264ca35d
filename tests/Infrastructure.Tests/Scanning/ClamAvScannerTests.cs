using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Infrastructure.Scanning;
using EventFiles.Infrastructure.Tests;

namespace EventFiles.Infrastructure.Tests.Scanning;

/// <summary>The adapter on a real clamd, and on a server that says what no clamd says.</summary>
public sealed class ClamAvScannerTests : IAsyncLifetime
{
    private ClamAvServer clamd = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => clamd = await ClamAvServer.Start();

    public ValueTask DisposeAsync() => clamd.DisposeAsync();

    [Fact]
    public async Task It_finds_what_its_signatures_know_and_nothing_else()
    {
        foreach (var scanner in new[] { On(clamd.Url), On(clamd.SocketUrl) })
        {
            await scanner.Ask(Cancel);
            Assert.Equal("Local.eicar.UNOFFICIAL", Assert.IsType<ScanOutcome.Found>(await Scan(scanner, ClamAvServer.Eicar)).Threat);
            Assert.IsType<ScanOutcome.Clean>(await Scan(scanner, [1, 2, 3]));
            Assert.IsType<ScanOutcome.Clean>(await Scan(scanner, []));
        }

        // Over several chunks, and across the border between two.
        var large = RandomNumberGenerator.GetBytes(1024 * 1024);
        Assert.IsType<ScanOutcome.Clean>(await Scan(On(clamd.Url), large));
        Encoding.ASCII.GetBytes(ClamAvServer.Marker).CopyTo(large, (64 * 1024) - 7);
        Assert.IsType<ScanOutcome.Found>(await Scan(On(clamd.Url), large));
    }

    [Fact]
    public async Task What_is_larger_than_it_takes_is_not_scannable_and_never_clean()
    {
        for (var tries = 0; tries < 3; tries++)
        {
            Assert.Equal(
                "too-large",
                Assert.IsType<ScanOutcome.NotScannable>(await Scan(On(clamd.Url), new byte[ClamAvServer.LargestBytes + 1_000_000])).Code);
        }
    }

    [Fact]
    public async Task New_signatures_find_more()
    {
        var scanner = On(clamd.Url);
        Assert.StartsWith("ClamAV ", await scanner.Signatures(Cancel), StringComparison.Ordinal);
        Assert.IsType<ScanOutcome.Clean>(await Scan(scanner, Encoding.ASCII.GetBytes(ClamAvServer.LaterMarker)));
        await clamd.Learn();
        await Wait.Until(
            async () => await Scan(scanner, Encoding.ASCII.GetBytes(ClamAvServer.LaterMarker)) is ScanOutcome.Found, "the new signature");
    }

    [Fact]
    public async Task One_that_is_dead_or_silent_gives_no_verdict()
    {
        var scanner = On(clamd.Url);
        await clamd.Freeze();
        await Assert.ThrowsAsync<ScannerAwayException>(() => Scan(scanner, ClamAvServer.Eicar));
        await Assert.ThrowsAsync<ScannerAwayException>(() => Scan(scanner, new byte[ClamAvServer.LargestBytes]));
        await Assert.ThrowsAsync<ScannerAwayException>(() => scanner.Signatures(Cancel));
        await clamd.Thaw();
        Assert.IsType<ScanOutcome.Found>(await Scan(scanner, ClamAvServer.Eicar));
        await clamd.Kill();
        await Assert.ThrowsAsync<ScannerAwayException>(() => Scan(scanner, ClamAvServer.Eicar));
        await clamd.Restart();
        Assert.IsType<ScanOutcome.Found>(await Scan(scanner, ClamAvServer.Eicar));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("stream: OK")]
    [InlineData("stream: Something ERROR\0")]
    [InlineData("OK\0")]
    public async Task What_no_clamd_says_is_no_verdict(string says)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Serve(listener, says);
        var scanner = On($"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        await Assert.ThrowsAsync<ScannerAwayException>(() => Scan(scanner, ClamAvServer.Eicar));
        await Assert.ThrowsAsync<ScannerAwayException>(() => scanner.Signatures(Cancel));
        listener.Stop();
        await serving;
    }

    [Theory]
    [InlineData("tcp://host:1", "host:1")]
    [InlineData("clamav://host", "host:3310")]
    [InlineData("unix:/run/clamd.ctl", "/run/clamd.ctl")]
    [InlineData("unix:///run/clamd.ctl", "/run/clamd.ctl")]
    [InlineData("http://host", null)]
    [InlineData("tcp://user:secret@host", null)]
    [InlineData("unix:relative", null)]
    [InlineData("host:3310", null)]
    public void An_address_reads(string text, string? address) =>
        Assert.Equal(address, ClamAvAddress.TryParse(text, out var read, out _) ? read.ToString() : null);

    private static ClamAvScanner On(string url) => new(
        new ClamAvSettings(ClamAvAddress.TryParse(url, out var address, out var wrong) ? address : throw new InvalidOperationException(wrong))
        {
            AnswerWithin = TimeSpan.FromSeconds(1),
            TakeWithin = TimeSpan.FromSeconds(1),
            LookWithin = TimeSpan.FromSeconds(1),
        },
        TimeProvider.System);

    private static async Task<ScanOutcome> Scan(ClamAvScanner scanner, byte[] bytes)
    {
        using var content = new MemoryStream(bytes);
        return await scanner.Scan(content, Cancel);
    }

    private static async Task Serve(TcpListener listener, string says)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(Cancel);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(says), Cancel);
                client.Client.Shutdown(SocketShutdown.Send);
                while (await client.GetStream().ReadAsync(new byte[1024], Cancel) > 0)
                    continue;
            }
        }
        catch (Exception) when (!Cancel.IsCancellationRequested)
        {
            // The listener was stopped.
        }
    }
}
