# Browser libraries for the page. Nothing of Node gets into the image.
FROM node:22.17.0-bookworm-slim AS page
WORKDIR /page
COPY src/Host/package.json src/Host/package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM mcr.microsoft.com/dotnet/sdk:10.0.401-trixie-slim AS build
WORKDIR /eventfiles
# What packages there are changes less often than the source.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/Client/Client.csproj src/Client/
COPY src/Features/Features.csproj src/Features/
COPY src/Infrastructure/Infrastructure.csproj src/Infrastructure/
COPY src/Verify/Verify.csproj src/Verify/
COPY src/Host/Host.csproj src/Host/
RUN dotnet restore src/Host
COPY src src
COPY --from=page /page/node_modules src/Host/node_modules
RUN dotnet publish src/Host -c Release --no-restore --nologo -p:HasNodeModules=true -p:UseAppHost=false -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-trixie-slim
# libvips, poppler and ffmpeg draw, bubblewrap and util-linux keep them in, argon2 and crypt check passwords. No PostgreSQL: this
# image is for nodes whose database is elsewhere.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libvips42t64 poppler-utils ffmpeg bubblewrap util-linux libargon2-1 libcrypt1 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf/* /var/log/* \
 && install -d -o 1654 -g 1654 -m 0700 /var/lib/eventfiles
COPY deploy/image/healthy /usr/local/bin/healthy
COPY --from=build /app /app
ENV EVENTFILES_URLS=http://0.0.0.0:8080 \
    EVENTFILES_DATA=/var/lib/eventfiles \
    ASPNETCORE_HTTP_PORTS= \
    DOTNET_GCgen0size=0x1000000 \
    DOTNET_EnableDiagnostics=0
# Microsoft's images have this account; the number, so that Kubernetes sees that it is not root.
USER 1654:1654
WORKDIR /var/lib/eventfiles
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=90s --retries=3 CMD ["healthy"]
ENTRYPOINT ["dotnet", "/app/EventFiles.Host.dll"]
CMD ["serve"]
