using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Tests;

/// <summary>
/// Ports for servers that are started on them, or again on them. Below those that the system hands to whoever connects
/// somewhere: one of these may be gone by the time that the server listens.
/// </summary>
internal static class FreePorts
{
    private static readonly int End = FirstHandedOut();

    /// <summary>A port that nobody listens at on this machine's own address.</summary>
    public static int Next() => Next(1)[0];

    /// <summary>So many of them, all different.</summary>
    public static int[] Next(int count)
    {
        var taken = new List<TcpListener>();
        try
        {
            while (taken.Count < count)
            {
                var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(10_000, End));
                try
                {
                    listener.Start();
                    taken.Add(listener);
                }
                catch (SocketException)
                {
                    listener.Dispose();
                }
            }

            return [.. taken.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            taken.ForEach(listener => listener.Dispose());
        }
    }

    private static int FirstHandedOut() => int.Parse(
        File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split((char[]?)null, 2)[0], CultureInfo.InvariantCulture);
}
