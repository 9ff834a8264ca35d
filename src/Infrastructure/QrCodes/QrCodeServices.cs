using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.QrCodes;

/// <summary>How pictures for cameras are wired.</summary>
public static class QrCodeServices
{
    /// <summary>Adds <see cref="IQrCodes"/>.</summary>
    public static IServiceCollection AddQrCodes(this IServiceCollection services) => services.AddSingleton<IQrCodes, SvgQrCodes>();
}
