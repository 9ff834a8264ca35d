using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using EventFiles.Infrastructure.Tests;

namespace EventFiles.Journeys.Tests;

/// <summary>Debian's nginx with the configuration of deploy/nginx, on free ports of this machine, with and without TLS.</summary>
internal sealed partial class Nginx : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";

    private readonly string folder;
    private Process? process;
    private string errors = "";

    private Nginx(string folder) => this.folder = folder;

    /// <summary>What the world sees.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The same with TLS.</summary>
    public Uri SecureAddress { get; private set; } = null!;

    /// <summary>What whoever watches it sees.</summary>
    public Uri Inside { get; private set; } = null!;

    /// <summary>Whatever it has put on the disk of what it passed on; nothing, if all is well.</summary>
    public IEnumerable<string> Kept => Directory.EnumerateFiles(Run, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) is not "nginx.pid");

    private string Run => Path.Combine(folder, "run");

    private string AccessLog => Path.Combine(folder, "access.log");

    /// <summary>In front of two nodes, which may be one.</summary>
    public static async Task<Nginx> Start(string api1, string api2, params (string Name, string Value)[] otherwise)
    {
        for (var tries = 3; ; tries--)
        {
            var nginx = new Nginx(Directory.CreateTempSubdirectory("eventfiles-nginx-").FullName);
            try
            {
                await nginx.Launch(api1, api2, otherwise);
                return nginx;
            }
            // Somebody may have taken a port that was free a moment ago.
            catch (InvalidOperationException) when (tries > 1)
            {
                await nginx.DisposeAsync();
            }
        }
    }

    public async Task<string> Logged(string wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var log = await File.ReadAllTextAsync(AccessLog, patience.Token);
            if (log.Contains(wanted, StringComparison.Ordinal))
                return log;
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>Speaks TLS to it, and trusts its certificate alone.</summary>
    public HttpClient Secure() => new(new SocketsHttpHandler
    {
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "tls.crt")) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    })
    { BaseAddress = SecureAddress };

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            if (!process.HasExited)
            {
                using var signal = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
                await signal.WaitForExitAsync();
            }

            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task Launch(string api1, string api2, (string Name, string Value)[] otherwise)
    {
        var ports = FreePorts.Next(3);
        Address = new Uri($"http://127.0.0.1:{ports[0]}/");
        SecureAddress = new Uri($"https://127.0.0.1:{ports[1]}/");
        Inside = new Uri($"http://127.0.0.1:{ports[2]}/");
        // Its workers run as nobody when it is started as root.
        foreach (var each in new[] { folder, Directory.CreateDirectory(Run).FullName })
            File.SetUnixFileMode(each, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        WriteCertificate();
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NGINX_RUN"] = Run,
            ["NGINX_CONF"] = folder,
            ["NGINX_LOG"] = AccessLog,
            ["NGINX_CERTIFICATES"] = folder,
            ["LISTEN"] = Address.Authority,
            ["LISTEN_TLS"] = SecureAddress.Authority,
            ["LISTEN_HEALTH"] = Inside.Authority,
            ["HTTPS_PORT"] = SecureAddress.Port.ToString(CultureInfo.InvariantCulture),
            ["PLAIN_HTTP"] = "site.conf",
            ["TLS_SERVERS"] = "tls/*.conf",
            ["API_1"] = api1,
            ["API_2"] = api2,
            ["UPLOAD_LIMIT"] = "0",
            ["REQUESTS_PER_SECOND"] = "10000",
            ["REQUESTS_BURST"] = "10000",
            ["SIGN_INS_PER_SECOND"] = "10000",
            ["CONNECTIONS_PER_ADDRESS"] = "1000",
        };
        foreach (var (name, value) in otherwise)
            values[name] = value;
        Render(values);

        process = Process.Start(new ProcessStartInfo(Program, ["-e", "stderr", "-p", folder, "-c", Path.Combine(folder, "nginx.conf"), "-g", "daemon off;"])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        process.ErrorDataReceived += (_, line) => errors += line.Data + "\n";
        process.BeginErrorReadLine();
        await UntilItListens();
    }

    private async Task UntilItListens()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Address.Port, patience.Token);
                if (File.Exists(Path.Combine(Run, "nginx.pid")))
                    return;
            }
            catch (SocketException)
            {
                // Not yet.
            }

            if (process!.HasExited)
            {
                await process.WaitForExitAsync();
                throw new InvalidOperationException($"nginx did not start: {errors}");
            }

            await Task.Delay(20, patience.Token);
        }
    }

    // As the image does it: what is known is filled in, all other dollars are nginx's own.
    private void Render(Dictionary<string, string> values)
    {
        var templates = Path.Combine(Server.Root, "deploy", "nginx");
        foreach (var template in Directory.EnumerateFiles(templates, "*.template", SearchOption.AllDirectories))
        {
            var to = Path.Combine(folder, Path.ChangeExtension(Path.GetRelativePath(templates, template), null));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.WriteAllText(to, Name().Replace(File.ReadAllText(template), name => values.GetValueOrDefault(name.Groups[1].Value, name.Value)));
        }
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
    }

    [GeneratedRegex(@"\$\{([A-Z][A-Z0-9_]*)\}")]
    private static partial Regex Name();
}

/// <summary>nginx before a server that believes it: one node under two names, for views and work are in one process here.</summary>
public sealed class NginxFixture : IAsyncLifetime
{
    public Server Server { get; private set; } = null!;

    internal Nginx Nginx { get; private set; } = null!;

    /// <summary>Where the node can be reached.</summary>
    internal string Node => Server.Address.Authority;

    public async ValueTask InitializeAsync()
    {
        Server = await Server.Start(environment: ("TRUSTED_PROXIES", "10.1.2.3, 127.0.0.0/8"));
        Nginx = await Nginx.Start(Node, Node);
    }

    public async ValueTask DisposeAsync()
    {
        if (Nginx is not null)
            await Nginx.DisposeAsync();
        await Server.DisposeAsync();
    }
}
