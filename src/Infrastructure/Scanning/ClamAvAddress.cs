using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace EventFiles.Infrastructure.Scanning;

/// <summary>Where clamd listens: <c>tcp://host:3310</c> (or <c>clamav://</c>), or <c>unix:/run/clamav/clamd.ctl</c>.</summary>
public sealed record ClamAvAddress
{
    /// <summary>Where clamd listens when no port is named.</summary>
    public const int UsualPort = 3310;

    private readonly string? socket;
    private readonly DnsEndPoint? host;

    private ClamAvAddress(string? socket, DnsEndPoint? host) => (this.socket, this.host) = (socket, host);

    /// <summary>Reads an address.</summary>
    /// <param name="wrong">In plain words, when it cannot be read.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ClamAvAddress? address, [NotNullWhen(false)] out string? wrong)
    {
        ArgumentNullException.ThrowIfNull(text);
        (address, wrong) = (null, null);
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            var path = text["unix:".Length..];
            path = path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path;
            if (path.StartsWith('/'))
                address = new ClamAvAddress(path, null);
        }
        else if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "tcp" or "clamav" && url.Host.Length > 0
            && url.AbsolutePath is "" or "/" && url.UserInfo.Length == 0)
        {
            address = new ClamAvAddress(null, new DnsEndPoint(url.IdnHost.Trim('[', ']'), url.Port > 0 ? url.Port : UsualPort));
        }

        if (address is null)
            wrong = "it is neither tcp://host:port nor unix:/path.";
        return address is not null;
    }

    /// <summary>Connects; whoever asks closes.</summary>
    internal async Task<Socket> Connect(CancellationToken cancel)
    {
        var connection = socket is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connection.ConnectAsync(socket is null ? host! : new UnixDomainSocketEndPoint(socket), cancel);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override string ToString() => socket ?? $"{host!.Host}:{host.Port}";
}
