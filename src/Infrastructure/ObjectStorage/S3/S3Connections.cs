using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>Connections to the server.</summary>
internal sealed class S3Connections(S3Settings settings) : HttpClientFactory
{
    /// <inheritdoc/>
    [SuppressMessage("Reliability", "CA2000", Justification = "The client owns its handler.")]
    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = settings.Patience,
            // A name may come to mean another machine.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (settings.AuthoritiesFile is { } file)
            handler.SslOptions.CertificateChainPolicy = Believing(file);
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    // The system's authorities and those of the file.
    private static X509ChainPolicy Believing(string file)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(file);
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        policy.CustomTrustStore.AddRange(system.Certificates);
        return policy;
    }
}
