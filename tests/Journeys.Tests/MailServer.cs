using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace EventFiles.Journeys.Tests;

/// <summary>A mail server of others: it wants TLS and a login, and refuses each mail once before it takes it.</summary>
internal sealed partial class MailServer : IAsyncDisposable
{
    public const string Login = "eventfiles:s3sam-open";

    private readonly Process process;
    private readonly DirectoryInfo folder;
    private readonly List<(string To, string Text)> before = [];
    private readonly Channel<(string To, string Text)> mails = Channel.CreateUnbounded<(string, string)>();

    private MailServer(Process process, DirectoryInfo folder, int port)
    {
        (this.process, this.folder, Port) = (process, folder, port);
        _ = Read();
    }

    public int Port { get; }

    public string Url => FormattableString.Invariant($"smtp://{Login}@localhost:{Port}");

    /// <summary>Who believes this file believes the server.</summary>
    public string Certificate => Path.Combine(folder.FullName, "certificate.pem");

    public static async Task<MailServer> Start()
    {
        var place = Directory.CreateTempSubdirectory("eventfiles-mail-");
        var key = Path.Combine(place.FullName, "key.pem");
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=localhost", pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(place.FullName, "certificate.pem"), certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        var login = Login.Split(':');
        var started = Process.Start(new ProcessStartInfo(
            "node", ["mail-server.mjs", key, Path.Combine(place.FullName, "certificate.pem"), login[0], login[1]])
        {
            WorkingDirectory = Path.Combine(Server.Root, "tests", "Journeys.Tests"),
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var port = await started.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return new MailServer(started, place, int.Parse(port!, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Waits for the next mail to that address, and gives what it says.</summary>
    public async Task<string> Next(string to)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        while (true)
        {
            var at = before.FindIndex(mail => mail.To == to);
            if (at >= 0)
            {
                var text = before[at].Text;
                before.RemoveAt(at);
                return text;
            }

            before.Add(await mails.Reader.ReadAsync(patience.Token));
        }
    }

    /// <summary>Waits for the next mail to that address, and gives what its link bears.</summary>
    public async Task<string> NextToken(string to, string what)
    {
        var text = await Next(to);
        var link = LinkIn().Match(text);
        Assert.True(link.Success, text);
        Assert.Equal(what, link.Groups["what"].Value);
        return link.Groups["token"].Value;
    }

    /// <summary>How many mails came that nobody has asked for yet.</summary>
    public int Left => before.Count + mails.Reader.Count;

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task Read()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var mail = JsonDocument.Parse(line).RootElement;
            Assert.True(mail.GetProperty("secure").GetBoolean());
            // Quoted-printable: long lines are cut with an equals sign, and one that is meant is written out.
            var text = mail.GetProperty("text").GetString()!.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
            mails.Writer.TryWrite((mail.GetProperty("to")[0].GetString()!, text));
        }
    }

    [GeneratedRegex(@"https://files\.example\.org/letter\.html#(?<what>[a-z]+)=(?<token>[A-Za-z0-9_-]+)")]
    private static partial Regex LinkIn();
}
