using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace EventFiles.Host.Web;

/// <summary>
/// Proxies in front of the program, of which it believes whom a request comes from, by which scheme and under which name.
/// Whoever else says such things says them for nothing.
/// </summary>
internal static class Proxies
{
    public static void UseProxies(this WebApplication app, IReadOnlyList<IPNetwork> trusted)
    {
        // With nobody on its list the platform would believe everybody.
        if (trusted.Count == 0)
            return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
        };
        // It would believe everything on this machine, too.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in trusted)
            options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }
}
